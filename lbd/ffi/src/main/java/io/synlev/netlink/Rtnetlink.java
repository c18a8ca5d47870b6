package io.synlev.netlink;

/**
 * Numbers of rtnetlink.
 *
 * <p>Sources: rtnetlink(7); include/uapi/linux/rtnetlink.h.
 */
final class Rtnetlink {

  static final int RTM_NEWLINK = 16;
  static final int RTM_DELLINK = 17;
  static final int RTM_NEWADDR = 20;
  static final int RTM_DELADDR = 21;
  static final int RTM_NEWROUTE = 24;
  static final int RTM_DELROUTE = 25;
  static final int RTM_GETROUTE = 26;
  static final int RTM_NEWNEIGH = 28;
  static final int RTM_DELNEIGH = 29;
  static final int RTM_NEWRULE = 32;
  static final int RTM_DELRULE = 33;

  /**
   * struct rtmsg: u8 family, destination's bits, source's bits, TOS, table, protocol, scope, type;
   * u32 flags.
   */
  static final int RTMSG_BYTES = 12;

  static final int RTMSG_TYPE_OFFSET = 7;

  // Types of a route
  static final int RTN_UNICAST = 1;
  static final int RTN_LOCAL = 2;
  static final int RTN_ANYCAST = 4;
  static final int RTN_BLACKHOLE = 6;
  static final int RTN_PROHIBIT = 8;

  // Attributes of a route
  static final int RTA_DST = 1;
  static final int RTA_OIF = 4;
  static final int RTA_GATEWAY = 5;
  static final int RTA_MARK = 16;
  static final int RTA_VIA = 18;

  /** struct rtvia: u16 family, then the address. */
  static final int RTVIA_ADDRESS_OFFSET = 2;

  // include/linux/socket.h
  static final int AF_INET = 2;
  static final int AF_INET6 = 10;

  private Rtnetlink() {}
}

package io.synlev.netfilter;

/**
 * Numbers of ctnetlink, the nfnetlink subsystem that tells what conntrack knows.
 *
 * <p>Contents of attributes are in network byte order. Sources: include/uapi/linux/netfilter/
 * nfnetlink.h, nfnetlink_conntrack.h, nf_conntrack_common.h.
 */
final class Ctnetlink {

  /** NFNL_SUBSYS_CTNETLINK in the upper byte, IPCTNL_MSG_CT_NEW in the lower one: an entry. */
  static final int MSG_ENTRY = 0x100;

  /** NFNL_SUBSYS_CTNETLINK in the upper byte, IPCTNL_MSG_CT_GET in the lower one. */
  static final int MSG_GET = 0x101;

  /** NFNL_SUBSYS_CTNETLINK in the upper byte, IPCTNL_MSG_CT_DELETE in the lower one. */
  static final int MSG_DELETE = 0x102;

  /** struct nfgenmsg: u8 family, u8 version 0, be16 resource. */
  static final int NFGENMSG_BYTES = 4;

  static final int AF_INET = 2;
  static final int AF_INET6 = 10;

  static final int CTA_TUPLE_ORIG = 1;
  static final int CTA_STATUS = 3;
  static final int CTA_PROTOINFO = 4;
  static final int CTA_MARK = 8;

  /** With CTA_MARK in a dump or a deletion without tuple: the bits in which marks are equal. */
  static final int CTA_MARK_MASK = 21;

  // Inside CTA_TUPLE_ORIG
  static final int CTA_TUPLE_IP = 1;
  static final int CTA_TUPLE_PROTO = 2;

  // Inside CTA_TUPLE_IP
  static final int CTA_IP_V4_SRC = 1;
  static final int CTA_IP_V4_DST = 2;
  static final int CTA_IP_V6_SRC = 3;
  static final int CTA_IP_V6_DST = 4;

  // Inside CTA_TUPLE_PROTO
  static final int CTA_PROTO_NUM = 1;
  static final int CTA_PROTO_SRC_PORT = 2;
  static final int CTA_PROTO_DST_PORT = 3;

  // Inside CTA_PROTOINFO, and the state inside each
  static final int CTA_PROTOINFO_TCP = 1;
  static final int CTA_PROTOINFO_SCTP = 3;
  static final int CTA_PROTOINFO_STATE = 1;

  /** enum tcp_conntrack: all packets of the connection have been seen. */
  static final int TCP_CONNTRACK_TIME_WAIT = 7;

  /** enum tcp_conntrack: reset. */
  static final int TCP_CONNTRACK_CLOSE = 8;

  /** enum sctp_conntrack. */
  static final int SCTP_CONNTRACK_CLOSED = 1;

  /** In CTA_STATUS, IPS_DST_NAT: the destination is translated, so it stays what it is. */
  static final int IPS_DST_NAT = 32;

  /** In CTA_STATUS, IPS_SEEN_REPLY: packets went both ways, so the flow counts as established. */
  static final int IPS_SEEN_REPLY = 2;

  private Ctnetlink() {}
}

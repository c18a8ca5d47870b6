package io.synlev.netlink;

/**
 * Numbers that all netlink protocols share.
 *
 * <p>Headers are in host byte order. Sources: netlink(7); include/uapi/linux/netlink.h.
 */
public final class Netlink {

  /** Protocol of a socket: routes, rules, links; rtnetlink(7). */
  public static final int NETLINK_ROUTE = 0;

  /** Protocol of a socket: nfnetlink. */
  public static final int NETLINK_NETFILTER = 12;

  /** Level of the socket options below. */
  public static final int SOL_NETLINK = 270;

  /** Do not tell the reader about a full receive buffer; the kernel counts it per queue. */
  public static final int NETLINK_NO_ENOBUFS = 5;

  /** Errors repeat only the header of the message they answer. */
  public static final int NETLINK_CAP_ACK = 10;

  // struct nlmsghdr: u32 length, u16 type, u16 flags, u32 sequence, u32 port id

  /** Bytes of a message's header. */
  public static final int HEADER_BYTES = 16;

  /** Offset of a message's length, its header included. */
  public static final int LENGTH_OFFSET = 0;

  /** Offset of a message's type. */
  public static final int TYPE_OFFSET = 4;

  /** Offset of a message's NLM_F_ flags. */
  public static final int FLAGS_OFFSET = 6;

  /** Offset of a message's sequence number, which its answer repeats. */
  public static final int SEQUENCE_OFFSET = 8;

  /** Flag: the kernel is asked something. */
  public static final short NLM_F_REQUEST = 1;

  /** Flag: answer even when there is no error. */
  public static final short NLM_F_ACK = 4;

  /** Flag: all there is is asked for, or what of it fits; NLM_F_ROOT and NLM_F_MATCH. */
  public static final short NLM_F_DUMP = 0x300;

  /** Type: nothing. */
  public static final int NLMSG_NOOP = 1;

  /** Type: an error, or with the number 0 an acknowledgement. */
  public static final int NLMSG_ERROR = 2;

  /** Type: the end of several messages. */
  public static final int NLMSG_DONE = 3;

  /** Type: messages were lost. */
  public static final int NLMSG_OVERRUN = 4;

  /** struct nlmsgerr behind the header: the negative errno, or 0 for an acknowledgement. */
  public static final int ERROR_OFFSET = HEADER_BYTES;

  /** The least bytes of an error message. */
  public static final int ERROR_MESSAGE_BYTES = HEADER_BYTES + 4;

  /** struct nlattr: u16 length with these 4 bytes, u16 type; the next one starts aligned to 4. */
  public static final int ATTRIBUTE_HEADER_BYTES = 4;

  /** Of an attribute's type, without NLA_F_NESTED and NLA_F_NET_BYTEORDER. */
  public static final int ATTRIBUTE_TYPE_MASK = 0x3fff;

  private Netlink() {}

  /** NLMSG_ALIGN and NLA_ALIGN. */
  public static int align(int length) {
    return (length + 3) & ~3;
  }
}

package io.synlev.netfilter;

/**
 * Numbers of netlink and nfnetlink_queue that the hot loop and the configuration share.
 *
 * <p>Headers are in host byte order, the contents of NFQA attributes in network order. Sources:
 * netlink(7); include/uapi/linux/netlink.h, netfilter/nfnetlink.h, netfilter/nfnetlink_queue.h.
 */
final class Netlink {

  /** The protocol of the socket. */
  static final int NETLINK_NETFILTER = 12;

  static final int SOL_NETLINK = 270;

  /** Do not tell the reader about a full receive buffer; the kernel counts it per queue. */
  static final int NETLINK_NO_ENOBUFS = 5;

  /** Errors repeat only the header of the message they answer. */
  static final int NETLINK_CAP_ACK = 10;

  // struct nlmsghdr: u32 length, u16 type, u16 flags, u32 sequence, u32 port id
  static final int HEADER_BYTES = 16;
  static final int LENGTH_OFFSET = 0;
  static final int TYPE_OFFSET = 4;
  static final int FLAGS_OFFSET = 6;
  static final int SEQUENCE_OFFSET = 8;

  static final short NLM_F_REQUEST = 1;
  static final short NLM_F_ACK = 4;

  static final int NLMSG_NOOP = 1;
  static final int NLMSG_ERROR = 2;
  static final int NLMSG_DONE = 3;
  static final int NLMSG_OVERRUN = 4;

  /** struct nlmsgerr behind the header: the negative errno, or 0 for an acknowledgement. */
  static final int ERROR_OFFSET = HEADER_BYTES;

  static final int ERROR_MESSAGE_BYTES = HEADER_BYTES + 4;

  /** Header and struct nfgenmsg: u8 family, u8 version, be16 queue number. */
  static final int NF_HEADER_BYTES = HEADER_BYTES + 4;

  /** NFNL_SUBSYS_QUEUE in the upper byte, the NFQNL_MSG_ in the lower one. */
  static final int MSG_PACKET = 0x300;

  // struct nlattr: u16 length with these 4 bytes, u16 type; the next one starts aligned to 4
  static final int ATTRIBUTE_HEADER_BYTES = 4;

  /** Without NLA_F_NESTED and NLA_F_NET_BYTEORDER. */
  static final int ATTRIBUTE_TYPE_MASK = 0x3fff;

  static final int NFQA_PACKET_HDR = 1;
  static final int NFQA_VERDICT_HDR = 2;
  static final int NFQA_MARK = 3;
  static final int NFQA_IFINDEX_INDEV = 5;
  static final int NFQA_PAYLOAD = 10;
  static final int NFQA_CAP_LEN = 13;

  /** struct nfqnl_msg_packet_hdr, packed: be32 id, be16 protocol, u8 hook. */
  static final int PACKET_HDR_BYTES = 7;

  static final int NFQNL_CFG_CMD_BIND = 1;
  static final int NFQNL_CFG_CMD_UNBIND = 2;
  static final int NFQNL_COPY_PACKET = 2;
  static final int NFQA_CFG_MASK = 4;
  static final int NFQA_CFG_FLAGS = 5;
  static final int NFQA_CFG_F_FAIL_OPEN = 1;
  static final int NFQA_CFG_F_GSO = 4;

  // include/uapi/linux/netfilter.h
  static final int NF_DROP = 0;
  static final int NF_ACCEPT = 1;

  private Netlink() {}

  /** NLMSG_ALIGN and NLA_ALIGN. */
  static int align(int length) {
    return (length + 3) & ~3;
  }
}

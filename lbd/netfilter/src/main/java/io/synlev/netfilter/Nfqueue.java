package io.synlev.netfilter;

import io.synlev.netlink.Netlink;

/**
 * Numbers of nfnetlink and nfnetlink_queue that the hot loop and the configuration share.
 *
 * <p>The contents of NFQA attributes are in network byte order. Sources: include/uapi/linux/
 * netfilter/nfnetlink.h, netfilter/nfnetlink_queue.h.
 */
final class Nfqueue {

  /** Header and struct nfgenmsg: u8 family, u8 version, be16 queue number. */
  static final int NF_HEADER_BYTES = Netlink.HEADER_BYTES + 4;

  /** NFNL_SUBSYS_QUEUE in the upper byte, the NFQNL_MSG_ in the lower one. */
  static final int MSG_PACKET = 0x300;

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

  private Nfqueue() {}
}

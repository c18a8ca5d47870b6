package io.synlev.dpdk;

/**
 * Where things are in DPDK 22.11's structures, and what its numbers are: x86-64, as Debian 12
 * builds it. The only place that depends on the version; offsets and sizes in bytes.
 *
 * <p>{@link SelfTest} checks what can be checked at run time; the test LayoutTest compares every
 * number with what a C compiler makes of the headers.
 */
final class Layout2211 {

  /** What rte_version() begins with; rte_version.h. */
  static final String VERSION = "DPDK 22.11";

  /** The number behind {@code .so}; the ABI of this release is stable under it. */
  static final int ABI = 23;

  // rte_mbuf_core.h: struct rte_mbuf
  static final int MBUF_BYTES = 128;
  static final int MBUF_BUF_ADDR = 0;
  static final int MBUF_DATA_OFF = 16;
  static final int MBUF_REFCNT = 18;
  static final int MBUF_NB_SEGS = 20;
  static final int MBUF_PORT = 22;
  static final int MBUF_OL_FLAGS = 24;
  static final int MBUF_PACKET_TYPE = 32;
  static final int MBUF_PKT_LEN = 36;
  static final int MBUF_DATA_LEN = 40;
  static final int MBUF_HASH = 44;
  static final int MBUF_BUF_LEN = 54;
  static final int MBUF_POOL = 56;
  static final int MBUF_NEXT = 64;
  static final int MBUF_TX_OFFLOAD = 72;

  /** Widths of the first fields of tx_offload: l2_len 7 bits, l3_len 9 bits. */
  static final int MBUF_L2_LEN_BITS = 7;

  /** RTE_PKTMBUF_HEADROOM; rte_build_config.h. */
  static final int MBUF_HEADROOM = 128;

  /** RTE_MBUF_F_TX_IP_CKSUM: the port is to fill in the IPv4 header's checksum. */
  static final long MBUF_TX_IP_CKSUM = 1L << 54;

  /** RTE_MBUF_F_TX_IPV4. */
  static final long MBUF_TX_IPV4 = 1L << 55;

  // rte_ethdev_core.h: struct rte_eth_fp_ops, one for each port
  static final int OPS_BYTES = 128;
  static final int OPS_RX_BURST = 0;
  static final int OPS_RX_QUEUES = 24;
  static final int OPS_RX_CALLBACKS = 32;
  static final int OPS_TX_BURST = 64;
  static final int OPS_TX_PREPARE = 72;
  static final int OPS_TX_QUEUES = 88;
  static final int OPS_TX_CALLBACKS = 96;

  // rte_ethdev.h: struct rte_eth_conf
  static final int CONF_BYTES = 2272;
  static final int CONF_MQ_MODE = 8;
  static final int CONF_MTU = 12;
  static final int CONF_RX_OFFLOADS = 24;
  static final int CONF_TX_OFFLOADS = 72;
  static final int CONF_RSS_KEY = 128;
  static final int CONF_RSS_KEY_LENGTH = 136;
  static final int CONF_RSS_FIELDS = 144;

  /** RTE_ETH_MQ_RX_RSS. */
  static final int MQ_RSS = 1;

  /** RTE_ETH_RSS_IP, _TCP, _UDP and _SCTP together. */
  static final long RSS_FIELDS = 0x3bffcL;

  /** RTE_ETH_TX_OFFLOAD_IPV4_CKSUM. */
  static final long TX_OFFLOAD_IPV4_CKSUM = 1L << 1;

  /** RTE_ETH_RX_OFFLOAD_IPV4_CKSUM. */
  static final long RX_OFFLOAD_IPV4_CKSUM = 1L << 1;

  // rte_ethdev.h: struct rte_eth_dev_info
  static final int INFO_BYTES = 376;
  static final int INFO_DEVICE = 0;
  static final int INFO_DRIVER = 8;
  static final int INFO_IF_INDEX = 16;
  static final int INFO_MIN_MTU = 20;
  static final int INFO_MAX_MTU = 22;
  static final int INFO_MAX_RX_QUEUES = 44;
  static final int INFO_MAX_TX_QUEUES = 46;
  static final int INFO_RX_OFFLOADS = 72;
  static final int INFO_TX_OFFLOADS = 80;
  static final int INFO_RETA_SIZE = 104;
  static final int INFO_KEY_BYTES = 106;
  static final int INFO_RSS_FIELDS = 112;

  // rte_devargs.h: struct rte_devargs
  static final int DEVARGS_ARGUMENTS = 88;

  // rte_ethdev.h: struct rte_eth_stats, counters of 8 bytes
  static final int STATS_BYTES = 704;
  static final int STATS_RX_PACKETS = 0;
  static final int STATS_TX_PACKETS = 8;
  static final int STATS_RX_BYTES = 16;
  static final int STATS_TX_BYTES = 24;
  static final int STATS_RX_MISSED = 32;
  static final int STATS_RX_ERRORS = 40;
  static final int STATS_TX_ERRORS = 48;
  static final int STATS_RX_NO_MBUF = 56;

  // rte_ethdev.h: struct rte_eth_link; bit fields in the two bytes behind the speed
  static final int LINK_BYTES = 8;
  static final int LINK_SPEED = 0;
  static final int LINK_FLAGS = 4;
  static final int LINK_FULL_DUPLEX = 1;
  static final int LINK_UP = 4;

  // rte_ethdev.h: struct rte_eth_rss_conf and rte_eth_rss_reta_entry64
  static final int RSS_CONF_BYTES = 24;
  static final int RSS_CONF_KEY = 0;
  static final int RSS_CONF_KEY_LENGTH = 8;
  static final int RSS_CONF_FIELDS = 16;
  static final int RETA_GROUP = 64;
  static final int RETA_GROUP_BYTES = 136;
  static final int RETA_MASK = 0;
  static final int RETA_QUEUES = 8;

  // rte_mempool.h: struct rte_mempool, rte_mempool_ops_table, rte_mempool_ops
  static final int POOL_SIZE = 64;
  static final int POOL_CACHE_SIZE = 68;
  static final int POOL_OPS_INDEX = 88;
  static final int POOL_OPS_TABLE_FIRST = 64;
  static final int POOL_OPS_BYTES = 128;
  static final int POOL_OPS_DEQUEUE = 56;

  // rte_flow.h
  static final int FLOW_ATTR_BYTES = 12;
  static final int FLOW_ATTR_FLAGS = 8;
  static final int FLOW_ATTR_INGRESS = 1;
  static final int FLOW_ITEM_BYTES = 32;
  static final int FLOW_ITEM_SPEC = 8;
  static final int FLOW_ITEM_LAST = 16;
  static final int FLOW_ITEM_MASK = 24;
  static final int FLOW_ITEM_END = 0;
  static final int FLOW_ITEM_ETH = 6;
  static final int FLOW_ITEM_IPV4 = 8;
  static final int FLOW_ITEM_IPV6 = 9;
  static final int FLOW_IPV4_BYTES = 20;
  static final int FLOW_IPV4_DESTINATION = 16;
  static final int FLOW_IPV6_BYTES = 44;
  static final int FLOW_IPV6_DESTINATION = 24;
  static final int FLOW_ACTION_BYTES = 16;
  static final int FLOW_ACTION_CONF = 8;
  static final int FLOW_ACTION_END = 0;
  static final int FLOW_ACTION_QUEUE = 6;
  static final int FLOW_ACTION_RSS = 9;
  static final int FLOW_RSS_BYTES = 40;
  static final int FLOW_RSS_TYPES = 8;
  static final int FLOW_RSS_QUEUE_COUNT = 20;
  static final int FLOW_RSS_QUEUES = 32;
  static final int FLOW_ERROR_BYTES = 24;
  static final int FLOW_ERROR_MESSAGE = 16;

  /** RTE_CPU_SETSIZE bits; rte_os.h takes it from the C library. */
  static final int CPU_SET_BYTES = 128;

  private Layout2211() {}
}

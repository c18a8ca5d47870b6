package io.synlev.dpdk;

import io.synlev.memory.Memory;
import java.lang.foreign.Arena;

/**
 * What a port's driver can do: struct rte_eth_dev_info, rte_ethdev.h.
 *
 * @param driver its name, such as {@code net_ixgbe}
 * @param interfaceIndex of the kernel's interface that it shares, or 0 if there is none
 * @param leastMtu smallest MTU
 * @param mostMtu largest MTU
 * @param receiveQueues the most
 * @param sendQueues the most
 * @param receiveOffloads RTE_ETH_RX_OFFLOAD_ bits
 * @param sendOffloads RTE_ETH_TX_OFFLOAD_ bits
 * @param rssTable entries of the table that spreads flows over queues, or 0
 * @param rssKeyBytes length of its key, or 0 for the usual 40
 * @param rssFields RTE_ETH_RSS_ bits of the fields that it can hash
 */
public record PortInfo(
    String driver,
    int interfaceIndex,
    int leastMtu,
    int mostMtu,
    int receiveQueues,
    int sendQueues,
    long receiveOffloads,
    long sendOffloads,
    int rssTable,
    int rssKeyBytes,
    long rssFields) {

  static PortInfo read(Eal eal, int port, String name) throws DpdkException {
    try (Arena arena = Arena.ofConfined()) {
      long info = arena.allocate(Layout2211.INFO_BYTES, 8).address();
      int failed = eal.libraries().ethdev("rte_eth_dev_info_get").plain(port, info, 0, 0);
      Port.check(failed, "rte_eth_dev_info_get of port " + name);
      return new PortInfo(
          Libraries.text(Memory.getLong(info + Layout2211.INFO_DRIVER)),
          Memory.getInt(info + Layout2211.INFO_IF_INDEX),
          unsigned(info + Layout2211.INFO_MIN_MTU),
          unsigned(info + Layout2211.INFO_MAX_MTU),
          unsigned(info + Layout2211.INFO_MAX_RX_QUEUES),
          unsigned(info + Layout2211.INFO_MAX_TX_QUEUES),
          Memory.getLong(info + Layout2211.INFO_RX_OFFLOADS),
          Memory.getLong(info + Layout2211.INFO_TX_OFFLOADS),
          unsigned(info + Layout2211.INFO_RETA_SIZE),
          Memory.getByte(info + Layout2211.INFO_KEY_BYTES) & 0xff,
          Memory.getLong(info + Layout2211.INFO_RSS_FIELDS));
    }
  }

  private static int unsigned(long address) {
    return Memory.getShort(address) & 0xffff;
  }

  /** Whether the port can compute IPv4 header checksums of what it sends. */
  public boolean canOffloadIpv4Checksum() {
    return (sendOffloads & Layout2211.TX_OFFLOAD_IPV4_CKSUM) != 0;
  }
}

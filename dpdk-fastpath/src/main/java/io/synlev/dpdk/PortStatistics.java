package io.synlev.dpdk;

import io.synlev.memory.Memory;
import java.lang.foreign.Arena;

/**
 * A port's counters since its start or last reset: struct rte_eth_stats, rte_ethdev.h.
 *
 * @param received packets that reached a worker
 * @param sent packets that the port took
 * @param receivedBytes of those
 * @param sentBytes of those
 * @param missed packets that found all descriptors in use: workers are too slow
 * @param receiveErrors packets that the port could not take for another reason
 * @param sendErrors packets that it could not send
 * @param noBuffer packets that found the packet pool empty
 */
public record PortStatistics(
    long received,
    long sent,
    long receivedBytes,
    long sentBytes,
    long missed,
    long receiveErrors,
    long sendErrors,
    long noBuffer) {

  static PortStatistics read(Eal eal, int port, String name) throws DpdkException {
    try (Arena arena = Arena.ofConfined()) {
      long at = arena.allocate(Layout2211.STATS_BYTES, 8).address();
      int failed = eal.libraries().ethdev("rte_eth_stats_get").plain(port, at, 0, 0);
      Port.check(failed, "rte_eth_stats_get of port " + name);
      return new PortStatistics(
          Memory.getLong(at + Layout2211.STATS_RX_PACKETS),
          Memory.getLong(at + Layout2211.STATS_TX_PACKETS),
          Memory.getLong(at + Layout2211.STATS_RX_BYTES),
          Memory.getLong(at + Layout2211.STATS_TX_BYTES),
          Memory.getLong(at + Layout2211.STATS_RX_MISSED),
          Memory.getLong(at + Layout2211.STATS_RX_ERRORS),
          Memory.getLong(at + Layout2211.STATS_TX_ERRORS),
          Memory.getLong(at + Layout2211.STATS_RX_NO_MBUF));
    }
  }
}

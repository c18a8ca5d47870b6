package io.synlev.dpdk;

import io.synlev.memory.Memory;
import java.lang.foreign.MemorySegment;

/**
 * One receiving and one sending queue of a started port, for one worker.
 *
 * <p>Does what rte_eth_rx_burst and rte_eth_tx_burst do, which are inline functions over the
 * exported array rte_eth_fp_ops (rte_ethdev.h). Hot: neither allocates nor throws. Callbacks of a
 * queue (rte_eth_add_rx_callback) are not run; nobody but us is in the process to add one.
 */
public final class PortQueue {

  private final MemorySegment receive;
  private final MemorySegment send;
  private final MemorySegment prepare;
  private final long receiveQueue;
  private final long sendQueue;
  private final boolean isCritical;

  PortQueue(Eal eal, Port port, int index) throws DpdkException {
    long ops = eal.libraries().portOperations() + (long) port.number() * Layout2211.OPS_BYTES;
    receive = Calls.function(Memory.getLong(ops + Layout2211.OPS_RX_BURST));
    send = Calls.function(Memory.getLong(ops + Layout2211.OPS_TX_BURST));
    prepare = Calls.function(Memory.getLong(ops + Layout2211.OPS_TX_PREPARE));
    // Arrays by queue, which a restart may replace.
    receiveQueue = queue(ops + Layout2211.OPS_RX_QUEUES, index);
    sendQueue = queue(ops + Layout2211.OPS_TX_QUEUES, index);
    isCritical = port.isInUserSpace();
  }

  private static long queue(long array, int index) {
    return Memory.getLong(Memory.getLong(array) + 8L * index);
  }

  /**
   * Takes the packets that wait.
   *
   * @param table where their addresses go, 8 bytes each
   * @param most 1 to 65535; a multiple of 32 lets vectorised drivers work at their best
   * @return how many there were
   */
  public int receive(long table, int most) {
    return isCritical
        ? Calls.critical(receive, receiveQueue, table, most)
        : Calls.plain(receive, receiveQueue, table, most);
  }

  /**
   * Gives packets to the port, which frees them when they are sent.
   *
   * @param table of their addresses
   * @return how many it took, the first ones; the others are still the caller's
   */
  public int send(long table, int count) {
    return isCritical
        ? Calls.critical(send, sendQueue, table, count)
        : Calls.plain(send, sendQueue, table, count);
  }

  /**
   * Makes packets that ask for offloads ready for this port; to be called before {@link #send}
   * then.
   *
   * @return how many can be sent, the first ones
   */
  public int prepare(long table, int count) {
    if (prepare.address() == 0) {
      return count;
    }
    return isCritical
        ? Calls.critical(prepare, sendQueue, table, count)
        : Calls.plain(prepare, sendQueue, table, count);
  }
}

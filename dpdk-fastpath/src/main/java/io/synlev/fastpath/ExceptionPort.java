package io.synlev.fastpath;

import io.synlev.dpdk.PacketPool;
import io.synlev.dpdk.PortQueue;
import java.lang.foreign.Arena;

/**
 * One worker's way to the kernel and back: what is not ours goes there, and what the kernel sends
 * goes out by the port that clients are on. Neither allocates nor throws.
 */
final class ExceptionPort {

  private static final int BURST = 32;

  private final PortQueue kernel;
  private final PortQueue network;
  private final PacketPool pool;
  private final Counters counters;
  private final MbufList passing;
  private final long table;

  ExceptionPort(
      Arena arena,
      PortQueue kernel,
      PortQueue network,
      PacketPool pool,
      int burst,
      Counters counters) {
    this.kernel = kernel;
    this.network = network;
    this.pool = pool;
    this.counters = counters;
    passing = new MbufList(arena, burst);
    table = arena.allocate(8L * BURST, 64).address();
  }

  /** Adds a packet for the kernel; at most a burst of them before {@link #flush}. */
  void add(long mbuf) {
    passing.add(mbuf);
  }

  /** Gives them to the kernel. */
  void flush() {
    int count = passing.count();
    if (count > 0) {
      int taken = passing.send(kernel, pool, false);
      counters.add(FastPathCounter.PASSED, taken);
      counters.add(FastPathCounter.PASS_REFUSED, count - taken);
    }
  }

  /** Sends what the kernel sends; how many packets that were. */
  int step() {
    int count = kernel.receive(table, BURST);
    if (count > 0) {
      int sent = network.send(table, count);
      if (sent < count) {
        pool.free(table + 8L * sent, count - sent);
        counters.add(FastPathCounter.REFUSED, count - sent);
      }
      counters.add(FastPathCounter.FROM_KERNEL, sent);
    }
    return count;
  }
}

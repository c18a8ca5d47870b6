package io.synlev.dpdk;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * The calls of the hot path: functions whose address is only known at run time.
 *
 * <p>One handle without a bound address does for all ports; the address is its first argument and
 * costs nothing. A critical call skips the thread's change of state (about 8 ns), but holds up the
 * garbage collector while it lasts: only for drivers that never enter the kernel. Never throws once
 * linked.
 */
final class Calls {

  private static final Linker LINKER = Linker.nativeLinker();

  /** {@code uint16_t (*)(void *queue, struct rte_mbuf **packets, uint16_t count)}. */
  private static final FunctionDescriptor BURST =
      FunctionDescriptor.of(JAVA_SHORT, JAVA_LONG, JAVA_LONG, JAVA_SHORT);

  /** {@code int (*)(struct rte_mempool *pool, void **objects, unsigned int count)}. */
  private static final FunctionDescriptor BULK =
      FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);

  private static final MethodHandle BURST_CRITICAL = link(BURST, Linker.Option.critical(false));
  private static final MethodHandle BURST_PLAIN = link(BURST);
  private static final MethodHandle BULK_CRITICAL = link(BULK, Linker.Option.critical(false));

  private Calls() {}

  @SuppressWarnings("restricted") // DPDK's own inline functions call through the same pointers
  private static MethodHandle link(FunctionDescriptor shape, Linker.Option... options) {
    return LINKER.downcallHandle(shape, options);
  }

  /** A function for the first argument of the others. */
  static MemorySegment function(long address) {
    return MemorySegment.ofAddress(address);
  }

  /** A burst of a driver that never enters the kernel. */
  static int critical(MemorySegment function, long queue, long packets, int count) {
    try {
      return (short) BURST_CRITICAL.invokeExact(function, queue, packets, (short) count) & 0xffff;
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** A burst of any driver. */
  static int plain(MemorySegment function, long queue, long packets, int count) {
    try {
      return (short) BURST_PLAIN.invokeExact(function, queue, packets, (short) count) & 0xffff;
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** A pool's enqueue or dequeue, or rte_pktmbuf_free_bulk with the arguments' own meaning. */
  static int bulk(MemorySegment function, long first, long second, int count) {
    try {
      return (int) BULK_CRITICAL.invokeExact(function, first, second, count);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static AssertionError unexpected(Throwable thrown) {
    if (thrown instanceof Error error) {
      throw error;
    }
    return new AssertionError("a native call threw", thrown);
  }
}

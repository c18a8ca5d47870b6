package io.synlev.dpdk;

import io.synlev.memory.Memory;
import java.lang.foreign.Arena;

/**
 * Makes the calling thread one of DPDK's: with a number of its own, so that packet pools keep a
 * cache for it, and pinned to a processor.
 *
 * <p>For platform threads; each undoes what it did with {@link #unregister}.
 */
public final class Workers {

  private Workers() {}

  /**
   * Registers the calling thread.
   *
   * @param core the processor to pin it to, 0 to 1023, or -1 to leave it as it is
   * @throws DpdkException when there is no such processor for us, or no number is left (128)
   */
  public static void register(Eal eal, int core) throws DpdkException {
    PoolOptions.check("core", core, -1, Layout2211.CPU_SET_BYTES * 8 - 1);
    if (eal.libraries().eal("rte_thread_register").plain(0, 0, 0, 0) != 0) {
      throw new DpdkException(
          "rte_thread_register: " + eal.libraries().lastError(),
          "use fewer workers: DPDK knows 128 threads");
    }
    if (core >= 0) {
      try {
        pin(eal, core);
      } catch (DpdkException e) {
        unregister(eal);
        throw e;
      }
    }
  }

  private static void pin(Eal eal, int core) throws DpdkException {
    try (Arena arena = Arena.ofConfined()) {
      long set = arena.allocate(Layout2211.CPU_SET_BYTES, 8).address();
      // The kernel's masks are longs, so bit n is in byte n / 8 on little-endian machines.
      Memory.putByte(set + core / 8, (byte) (1 << core % 8));
      int failed = eal.libraries().eal("rte_thread_set_affinity").plain(set, 0, 0, 0);
      if (failed != 0) {
        throw new DpdkException(
            "cannot pin a worker to processor " + core,
            "choose one that is there and that the cpuset of this process has (taskset -p)");
      }
    }
  }

  /** DPDK's number of the calling thread, or -1 when it is not registered. */
  public static int number(Eal eal) throws DpdkException {
    return eal.libraries().lcore();
  }

  /** Lets the calling thread's number go. Does nothing for one that has none. */
  public static void unregister(Eal eal) throws DpdkException {
    eal.libraries().eal("rte_thread_unregister").run(0, 0, 0, 0);
  }
}

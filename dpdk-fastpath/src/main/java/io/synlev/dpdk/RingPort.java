package io.synlev.dpdk;

import io.synlev.memory.Memory;
import java.lang.foreign.Arena;

/**
 * Rings, and ports over them: what is sent to such a port is put into one ring, what is received is
 * taken from one. rte_ring.h, rte_eth_ring.h.
 */
public final class RingPort {

  private RingPort() {}

  /**
   * Makes a ring for any number of threads.
   *
   * @param name unique in the process
   * @param size a power of two; one less fit in
   * @return its address, for {@link #over}
   */
  public static long ring(Eal eal, String name, int size) throws DpdkException {
    return eal.run(
        () -> {
          long ring =
              eal.libraries()
                  .ring("rte_ring_create")
                  .callLong(Text.lasting(name), size, -1, 0, 0, 0);
          if (ring <= 0) {
            throw new DpdkException(
                "no ring '" + name + "' of size " + size + ": " + eal.libraries().lastError(),
                "use a power of two, and a name that is free");
          }
          return ring;
        });
  }

  /** Frees a ring whose port was closed. */
  public static void free(Eal eal, long ring) throws DpdkException {
    eal.run(
        () -> {
          eal.libraries().ring("rte_ring_free").run(ring, 0, 0, 0);
          return null;
        });
  }

  /**
   * Makes a port.
   *
   * @param name unique in the process
   * @param receiving rings that it receives from, one a queue
   * @param sending rings that it sends to, one a queue
   */
  public static Port over(Eal eal, String name, long[] receiving, long[] sending)
      throws DpdkException {
    return eal.run(
        () -> {
          try (Arena arena = Arena.ofConfined()) {
            int port =
                eal.libraries()
                    .netRing("rte_eth_from_rings")
                    .plain(
                        Text.lasting(name),
                        table(arena, receiving),
                        receiving.length,
                        table(arena, sending),
                        sending.length,
                        0);
            if (port < 0) {
              throw new DpdkException(
                  "no port over the rings of '" + name + "': " + eal.libraries().lastError(),
                  "use a name that is free, and fewer than 32 ports");
            }
            return new Port(eal, "net_ring_" + name, port);
          }
        });
  }

  private static long table(Arena arena, long[] addresses) {
    long table = arena.allocate(8L * addresses.length, 8).address();
    for (int i = 0; i < addresses.length; i++) {
      Memory.putLong(table + 8L * i, addresses[i]);
    }
    return table;
  }
}

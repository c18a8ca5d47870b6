package io.synlev.fastpath;

import io.synlev.dpdk.PacketPool;
import java.lang.foreign.Arena;
import java.security.SecureRandom;

/** The rings between all pairs of workers. */
final class Handovers implements AutoCloseable {

  private final Arena arena = Arena.ofShared();
  private final HandoverRing[][] rings;
  private final long key = new SecureRandom().nextLong();

  Handovers(int workers) {
    rings = new HandoverRing[workers][workers];
    for (int from = 0; from < workers; from++) {
      for (int to = 0; to < workers; to++) {
        rings[from][to] = from == to ? null : new HandoverRing(arena);
      }
    }
  }

  /** A worker's ends of its rings; null when there is nobody to hand anything to. */
  Handover of(int worker, Counters counters) {
    if (rings.length == 1) {
      return null;
    }
    HandoverRing[] from = new HandoverRing[rings.length];
    for (int i = 0; i < from.length; i++) {
      from[i] = rings[i][worker];
    }
    return new Handover(worker, key, from, rings[worker], counters);
  }

  /** Frees what is still under way, when no worker is at work. */
  void free(PacketPool pool) {
    try (Arena one = Arena.ofConfined()) {
      long table = one.allocate(8, 8).address();
      for (HandoverRing[] row : rings) {
        for (HandoverRing ring : row) {
          while (ring != null && ring.take(table, 1) > 0) {
            pool.free(table, 1);
          }
        }
      }
    }
  }

  @Override
  public void close() {
    arena.close();
  }
}

package io.synlev.fastpath;

import io.synlev.memory.Memory;
import java.lang.foreign.Arena;

/**
 * Packets on their way from one worker to another: a bounded ring of mbufs' addresses.
 *
 * <pre>
 *   offset
 *        0  how many were taken, written by the taker
 *      128  how many were put, written by the putter
 *      256  the addresses, 8 bytes each
 * </pre>
 *
 * <p>One thread puts, another takes; neither waits. What a packet's bytes were when it was put is
 * seen by whoever takes it: the count is stored with release and read with acquire. Hot: no
 * allocation.
 */
final class HandoverRing {

  /** A power of two. */
  static final int ROOM = 512;

  private static final long TAKEN = 0;
  private static final long PUT = 128;
  private static final long ADDRESSES = 256;

  private final long memory;

  /** The putter's own. */
  private long put;

  private long takenSeen;

  /** The taker's own. */
  private long taken;

  HandoverRing(Arena arena) {
    memory = arena.allocate(ADDRESSES + 8L * ROOM, 128).address();
  }

  /** Puts a packet in; false if there is no room. */
  boolean put(long mbuf) {
    if (put - takenSeen == ROOM) {
      takenSeen = Memory.getLongAcquire(memory + TAKEN);
      if (put - takenSeen == ROOM) {
        return false;
      }
    }
    Memory.putLong(slot(put), mbuf);
    put++;
    Memory.putLongRelease(memory + PUT, put);
    return true;
  }

  /**
   * Takes packets out.
   *
   * @param table where their addresses go
   * @return how many there were, at most {@code most}
   */
  int take(long table, int most) {
    int count = (int) Math.min(most, Memory.getLongAcquire(memory + PUT) - taken);
    for (int i = 0; i < count; i++) {
      Memory.putLong(table + 8L * i, Memory.getLong(slot(taken + i)));
    }
    if (count > 0) {
      taken += count;
      Memory.putLongRelease(memory + TAKEN, taken);
    }
    return count;
  }

  private long slot(long number) {
    return memory + ADDRESSES + 8 * (number & ROOM - 1);
  }
}

package io.synlev.fastpath;

import io.synlev.datapath.HeldPackets;
import io.synlev.dpdk.PacketPool;
import io.synlev.memory.Memory;
import java.lang.foreign.Arena;

/**
 * Packets that wait for their datagram's first fragment, in the buffers in which they came.
 * Released ones are decided again with the next burst. Belongs to one worker; no allocation.
 */
final class HeldMbufs implements HeldPackets {

  private final Frames frames;
  private final PacketPool pool;
  private final Counters counters;
  private final long[] mbufs;
  private final int[] free;
  private int freeCount;

  /** A ring of released packets. */
  private final long[] released;

  private int firstReleased;
  private int releasedCount;
  private final long one;

  /**
   * Makes room.
   *
   * @param frames the burst that is being decided
   * @param most packets that can be held at once
   */
  HeldMbufs(Arena arena, Frames frames, PacketPool pool, Counters counters, int most) {
    this.frames = frames;
    this.pool = pool;
    this.counters = counters;
    mbufs = new long[most];
    released = new long[most];
    free = new int[most];
    for (int i = 0; i < most; i++) {
      free[i] = most - 1 - i;
    }
    freeCount = most;
    one = arena.allocate(8, 8).address();
  }

  @Override
  public int hold(long address, int length) {
    int index = frames.indexOf(address);
    // What waits to be decided again needs room to be held again.
    if (index < 0 || freeCount <= releasedCount) {
      return NONE;
    }
    int handle = free[--freeCount];
    mbufs[handle] = frames.mbufs[index];
    frames.keep(index);
    counters.add(FastPathCounter.HELD, 1);
    return handle;
  }

  @Override
  public boolean release(int handle) {
    released[(firstReleased + releasedCount) % released.length] = mbufs[handle];
    releasedCount++;
    forget(handle);
    return true;
  }

  @Override
  public void discard(int handle) {
    Memory.putLong(one, mbufs[handle]);
    pool.free(one, 1);
    forget(handle);
  }

  private void forget(int handle) {
    mbufs[handle] = 0;
    free[freeCount++] = handle;
  }

  @Override
  public boolean isReturned(int index) {
    return index < frames.returned;
  }

  /** Puts released packets into a table, at most so many; how many there were. */
  int takeReleased(long table, int most) {
    int taken = Math.min(most, releasedCount);
    for (int i = 0; i < taken; i++) {
      Memory.putLong(table + 8L * i, released[firstReleased]);
      firstReleased = (firstReleased + 1) % released.length;
    }
    releasedCount -= taken;
    return taken;
  }

  /** Frees everything, at the end. */
  void freeAll() {
    while (takeReleased(one, 1) > 0) {
      pool.free(one, 1);
    }
    for (int handle = 0; handle < mbufs.length; handle++) {
      if (mbufs[handle] != 0) {
        discard(handle);
      }
    }
  }
}

package io.synlev.fastpath;

import io.synlev.dpdk.Mbuf;
import io.synlev.dpdk.PacketPool;
import io.synlev.memory.Memory;
import java.lang.foreign.Arena;

/**
 * Packets whose neighbour's Ethernet address is being asked for, the latest one of each: RFC 1122,
 * 2.3.2.2. They are complete but for it. Belongs to one worker; neither allocates nor throws.
 */
final class Waiting {

  /** More neighbours than that at once have to do with packets that come later. */
  static final int MOST = 64;

  private final NeighbourTable table;
  private final PacketPool pool;
  private final Counters counters;
  private final long[] mbufs = new long[MOST];
  private final int[] neighbours = new int[MOST];
  private final long one;
  private int count;

  Waiting(Arena arena, NeighbourTable table, PacketPool pool, Counters counters) {
    this.table = table;
    this.pool = pool;
    this.counters = counters;
    one = arena.allocate(8, 8).address();
  }

  /** Keeps a packet; what waited for the same neighbour before is dropped. */
  void add(long mbuf, int neighbour) {
    for (int i = 0; i < count; i++) {
      if (neighbours[i] == neighbour) {
        drop(mbufs[i]);
        mbufs[i] = mbuf;
        return;
      }
    }
    if (count == MOST) {
      drop(mbuf);
      return;
    }
    mbufs[count] = mbuf;
    neighbours[count] = neighbour;
    count++;
  }

  private void drop(long mbuf) {
    counters.add(FastPathCounter.NO_NEXT_HOP, 1);
    Memory.putLong(one, mbuf);
    pool.free(one, 1);
  }

  /**
   * Lets those go whose neighbour answered, or did not.
   *
   * @param sending gets the former; it has room for {@link #MOST}
   */
  void step(MbufList sending) {
    for (int i = count - 1; i >= 0; i--) {
      long word = table.word(neighbours[i]);
      long mac = NeighbourTable.mac(word);
      if (mac != 0) {
        Ethernet.putAddress(Mbuf.data(mbufs[i]), mac);
        sending.add(mbufs[i]);
        counters.add(FastPathCounter.WAITED, 1);
      } else if (NeighbourTable.state(word) == NeighbourTable.INCOMPLETE) {
        continue;
      } else {
        drop(mbufs[i]);
      }
      count--;
      mbufs[i] = mbufs[count];
      neighbours[i] = neighbours[count];
    }
  }

  boolean isEmpty() {
    return count == 0;
  }

  /** Drops all, at the end. */
  void freeAll() {
    while (count > 0) {
      drop(mbufs[--count]);
    }
  }
}

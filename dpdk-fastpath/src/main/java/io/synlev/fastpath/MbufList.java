package io.synlev.fastpath;

import io.synlev.dpdk.PacketPool;
import io.synlev.dpdk.PortQueue;
import io.synlev.memory.Memory;
import java.lang.foreign.Arena;

/**
 * Packets that go the same way together: a list of addresses in native memory, as DPDK wants them.
 * Belongs to one worker. Hot: no allocation, and no check that there is room.
 */
final class MbufList {

  private final long table;
  private int count;

  MbufList(Arena arena, int capacity) {
    table = arena.allocate(8L * capacity, 64).address();
  }

  void add(long mbuf) {
    Memory.putLong(table + 8L * count, mbuf);
    count++;
  }

  int count() {
    return count;
  }

  /**
   * Puts one at an index from {@link #count} on; for loops, which tell how many there are at their
   * end.
   */
  void put(int index, long mbuf) {
    Memory.putLong(table + 8L * index, mbuf);
  }

  /** Says how many there are: all that were {@link #put}. */
  void setCount(int mbufs) {
    count = mbufs;
  }

  long get(int index) {
    return Memory.getLong(table + 8L * index);
  }

  /** Forgets all: they are somebody else's now. */
  void clear() {
    count = 0;
  }

  /** Frees all. */
  void free(PacketPool pool) {
    if (count > 0) {
      pool.free(table, count);
      count = 0;
    }
  }

  /**
   * Sends all, and frees those that the port does not take.
   *
   * @param prepares whether offloads are asked for
   * @return how many it took
   */
  int send(PortQueue port, PacketPool pool, boolean prepares) {
    if (count == 0) {
      return 0;
    }
    int ready = prepares ? port.prepare(table, count) : count;
    int sent = port.send(table, ready);
    if (sent < count) {
      pool.free(table + 8L * sent, count - sent);
    }
    count = 0;
    return sent;
  }
}

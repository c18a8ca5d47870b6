package io.synlev.steering;

import java.util.Map;

/**
 * Handles by address and port: open addressing with linear probing in one array, at most half full.
 * Immutable; any thread may look up in constant time, nothing is allocated.
 */
final class ExactTable {

  /** Odd, half of its bits set: 2^64 divided by the golden ratio. */
  private static final long SPREAD = 0x9e37_79b9_7f4a_7c15L;

  /** Odd, too, so that neighbouring ports part. */
  private static final long PORT_SPREAD = 0xd6e8_feb8_6659_fd93L;

  /** An entry: high, low, then the port, marked so that it is never 0, and the handle. */
  private static final int STRIDE = 3;

  private static final long USED = 1L << 63;

  /** A destination; addresses as in {@link io.synlev.packet.FlowKey}. */
  record Key(long high, long low, int port) {}

  private final long[] entries;
  private final int mask;

  /** Handles must not be {@link ServiceTable#NONE}. */
  ExactTable(Map<Key, Integer> handles) {
    int capacity = Integer.highestOneBit(Math.max(handles.size(), 1) * 4 - 1);
    entries = new long[capacity * STRIDE];
    mask = capacity - 1;
    handles.forEach(this::put);
  }

  private void put(Key key, int handle) {
    int at = start(key.high, key.low, key.port);
    while (entries[at * STRIDE + 2] != 0) {
      at = at + 1 & mask;
    }
    entries[at * STRIDE] = key.high;
    entries[at * STRIDE + 1] = key.low;
    entries[at * STRIDE + 2] = USED | (long) key.port << 32 | handle & 0xffff_ffffL;
  }

  /**
   * The handle of a destination, or {@link ServiceTable#NONE}.
   *
   * @param port 0 to 65535
   */
  int find(long high, long low, int port) {
    int at = start(high, low, port);
    while (true) {
      int entry = at * STRIDE;
      long value = entries[entry + 2];
      if (value == 0) {
        return ServiceTable.NONE;
      }
      if (entries[entry + 1] == low
          && (int) (value >>> 32 & 0xffff) == port
          && entries[entry] == high) {
        return (int) value;
      }
      at = at + 1 & mask;
    }
  }

  private int start(long high, long low, int port) {
    long mixed = (high * SPREAD ^ low + port * PORT_SPREAD) * SPREAD;
    return (int) (mixed >>> 32) & mask;
  }
}

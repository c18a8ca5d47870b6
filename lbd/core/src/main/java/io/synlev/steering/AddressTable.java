package io.synlev.steering;

import java.util.List;

/**
 * Numbers by 128-bit keys: open addressing with linear probing, at most half full. Immutable; any
 * thread may look up, nothing is allocated.
 */
final class AddressTable {

  /** What {@link #find} answers for a key that is not there. */
  static final int NONE = -1;

  /** Odd, half of its bits set: 2^64 divided by the golden ratio. */
  private static final long SPREAD = 0x9e37_79b9_7f4a_7c15L;

  /** A key and its number, which is not negative. */
  record Entry(long high, long low, int value) {}

  /** An entry: high, low, and the number or {@link #NONE}. */
  private static final int STRIDE = 3;

  private final long[] entries;
  private final int mask;

  /** Keys must differ; of equal ones the first stays. */
  AddressTable(List<Entry> all) {
    int capacity = Integer.highestOneBit(Math.max(all.size(), 1) * 4 - 1);
    entries = new long[capacity * STRIDE];
    mask = capacity - 1;
    for (int at = 0; at < capacity; at++) {
      entries[at * STRIDE + 2] = NONE;
    }
    all.forEach(this::put);
  }

  private void put(Entry entry) {
    int at = start(entry.high, entry.low);
    while (entries[at * STRIDE + 2] != NONE) {
      if (entries[at * STRIDE] == entry.high && entries[at * STRIDE + 1] == entry.low) {
        return;
      }
      at = at + 1 & mask;
    }
    entries[at * STRIDE] = entry.high;
    entries[at * STRIDE + 1] = entry.low;
    entries[at * STRIDE + 2] = entry.value;
  }

  /** The number of a key, or {@link #NONE}. */
  int find(long keyHigh, long keyLow) {
    int at = start(keyHigh, keyLow);
    while (true) {
      int entry = at * STRIDE;
      int value = (int) entries[entry + 2];
      if (value == NONE || entries[entry + 1] == keyLow && entries[entry] == keyHigh) {
        return value;
      }
      at = at + 1 & mask;
    }
  }

  private int start(long keyHigh, long keyLow) {
    long mixed = (keyHigh * SPREAD ^ keyLow) * SPREAD;
    return (int) (mixed >>> 32) & mask;
  }
}

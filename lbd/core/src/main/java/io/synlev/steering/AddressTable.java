package io.synlev.steering;

import java.util.Arrays;
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

  private final long[] high;
  private final long[] low;
  private final int[] values;
  private final int mask;

  /** Keys must differ; of equal ones the first stays. */
  AddressTable(List<Entry> entries) {
    int capacity = Integer.highestOneBit(Math.max(entries.size(), 1) * 4 - 1);
    high = new long[capacity];
    low = new long[capacity];
    values = new int[capacity];
    mask = capacity - 1;
    Arrays.fill(values, NONE);
    entries.forEach(this::put);
  }

  private void put(Entry entry) {
    int at = start(entry.high, entry.low);
    while (values[at] != NONE) {
      if (high[at] == entry.high && low[at] == entry.low) {
        return;
      }
      at = at + 1 & mask;
    }
    high[at] = entry.high;
    low[at] = entry.low;
    values[at] = entry.value;
  }

  /** The number of a key, or {@link #NONE}. */
  int find(long keyHigh, long keyLow) {
    int at = start(keyHigh, keyLow);
    while (values[at] != NONE) {
      if (low[at] == keyLow && high[at] == keyHigh) {
        return values[at];
      }
      at = at + 1 & mask;
    }
    return NONE;
  }

  private int start(long keyHigh, long keyLow) {
    long mixed = (keyHigh * SPREAD ^ keyLow) * SPREAD;
    return (int) (mixed >>> 32) & mask;
  }
}

package io.synlev.maglev;

import java.util.Arrays;

/**
 * The slots of a table that nobody has yet, and the search for the first of them in a permutation.
 *
 * <p>Nearly all of a table's building time goes into this search: with f of M slots open it looks
 * at M / f slots on average, half of all looks are for the last few slots, and while many are open
 * it ends unforeseeably early. So there are three ways to the same answer, each for its share: one
 * by one; by fours, whose looks do not wait for each other; and at the end the other way round, by
 * asking each open slot where in the permutation it stands.
 *
 * <p>The bits of 65,537 slots take 8 KB and stay in the first cache, which the table does not.
 */
final class OpenSlots {
  private final int size;
  private final long[] bits;
  private final int few;
  private final long reciprocal;
  private int count;
  private int[] last;

  OpenSlots(int size) {
    this.size = size;
    this.bits = new long[(size >>> 6) + 1];
    this.count = size;
    // Measured: below this a look at each open slot costs less than M / f looks.
    this.few = (int) Math.sqrt(size) / 2;
    this.reciprocal = Long.divideUnsigned(-1, size);
    Arrays.fill(bits, -1);
    // No slots behind the last one.
    bits[size >>> 6] = (1L << size) - 1;
  }

  boolean isEmpty() {
    return count == 0;
  }

  /**
   * Takes the first open slot among {@code from}, {@code from + skip}, {@code from + 2 skip}, …
   * modulo the size. One must be open.
   */
  int take(int from, int skip) {
    int slot;
    if (count > size / 2) {
      slot = searchOneByOne(from, skip);
    } else if (count > few) {
      slot = searchByFours(from, skip);
    } else {
      slot = nearest(from, skip);
    }
    bits[slot >>> 6] &= ~(1L << slot);
    count--;
    return slot;
  }

  private int searchOneByOne(int from, int skip) {
    int slot = from;
    while (bit(slot) == 0) {
      slot = step(slot, skip, size);
    }
    return slot;
  }

  private int searchByFours(int from, int skip) {
    int a = from;
    int b = step(a, skip, size);
    int c = step(b, skip, size);
    int d = step(c, skip, size);
    long found = bit(a) | bit(b) << 1 | bit(c) << 2 | bit(d) << 3;
    if (found == 0) {
      int twoSkips = step(skip, skip, size);
      int fourSkips = step(twoSkips, twoSkips, size);
      do {
        a = step(a, fourSkips, size);
        b = step(b, fourSkips, size);
        c = step(c, fourSkips, size);
        d = step(d, fourSkips, size);
        found = bit(a) | bit(b) << 1 | bit(c) << 2 | bit(d) << 3;
      } while (found == 0);
    }
    // Below 4 sizes, so at most 3 sizes too far. A choice among a, b, c and d would be a branch
    // that nobody can predict.
    int beyond = a + Long.numberOfTrailingZeros(found) * skip - 2 * size;
    beyond += 2 * size & beyond >> 31;
    beyond -= size;
    return beyond + (size & beyond >> 31);
  }

  /** The open slot s with the least n for which from + n skip = s, modulo the size. */
  private int nearest(int from, int skip) {
    if (last == null) {
      last = collect();
    }
    int inverse = inverse(skip);
    int best = 0;
    int least = Integer.MAX_VALUE;
    for (int i = 0; i < count; i++) {
      int distance = last[i] - from;
      distance += size & distance >> 31;
      int steps = remainder((long) distance * inverse);
      if (steps < least) {
        least = steps;
        best = i;
      }
    }
    int slot = last[best];
    last[best] = last[count - 1];
    return slot;
  }

  private int[] collect() {
    int[] slots = new int[count];
    int next = 0;
    for (int word = 0; next < count; word++) {
      for (long left = bits[word]; left != 0; left &= left - 1) {
        slots[next++] = (word << 6) + Long.numberOfTrailingZeros(left);
      }
    }
    return slots;
  }

  /** The number whose product with {@code skip} is 1 modulo the size, by Euclid's algorithm. */
  private int inverse(int skip) {
    int a = size;
    int b = skip;
    int ofA = 0;
    int ofB = 1;
    while (b != 1) {
      int quotient = a / b;
      int nextB = a - quotient * b;
      a = b;
      b = nextB;
      int nextOfB = ofA - quotient * ofB;
      ofA = ofB;
      ofB = nextOfB;
    }
    return ofB + (size & ofB >> 31);
  }

  /**
   * {@code n} modulo the size, by multiplication: the estimated quotient is at most 1 too small.
   */
  private int remainder(long n) {
    int beyond = (int) (n - Math.multiplyHigh(n, reciprocal) * size) - size;
    return beyond + (size & beyond >> 31);
  }

  private long bit(int slot) {
    return bits[slot >>> 6] >>> slot & 1;
  }

  /** {@code slot + skip} modulo the size, without a branch: the sign says if it went beyond. */
  static int step(int slot, int skip, int size) {
    int beyond = slot + skip - size;
    return beyond + (size & beyond >> 31);
  }
}

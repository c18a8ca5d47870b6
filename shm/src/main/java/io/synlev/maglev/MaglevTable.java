package io.synlev.maglev;

import java.util.Arrays;

/**
 * Fills a lookup table from permutations and weights.
 *
 * <p>Turns: every backend takes one in the first round; after that a backend of the largest weight
 * takes one every round and the others in proportion (the rule of Envoy and Cilium). So equal
 * weights differ by at most one slot, and no backend goes without.
 */
public final class MaglevTable {
  /** What a slot of an empty table holds. */
  public static final char NO_BACKEND = 0xffff;

  /** The most backends a table can name. */
  public static final int MAX_BACKENDS = NO_BACKEND - 1;

  private MaglevTable() {}

  /**
   * Builds a table.
   *
   * @param size number of slots; see {@link TableSize}
   * @param permutations one per backend, in turn order
   * @param weights one per backend, each at least 1
   * @return for each slot the index of its backend in {@code permutations}; {@link #NO_BACKEND}
   *     everywhere if there are none
   * @throws IllegalArgumentException if the size is not usable, there are more than {@link
   *     #MAX_BACKENDS} backends, or not one weight of at least 1 for each
   */
  public static char[] build(int size, Permutation[] permutations, int[] weights) {
    check(size, permutations, weights);
    char[] table = new char[size];
    Arrays.fill(table, NO_BACKEND);
    if (permutations.length > 0) {
      fill(table, permutations, weights);
    }
    return table;
  }

  private static void check(int size, Permutation[] permutations, int[] weights) {
    if (!TableSize.isValid(size)) {
      throw new IllegalArgumentException(
          "a table of "
              + size
              + " slots: a prime from "
              + TableSize.MINIMUM
              + " to "
              + TableSize.MAXIMUM
              + " is needed");
    }
    if (permutations.length > MAX_BACKENDS) {
      throw new IllegalArgumentException(
          permutations.length + " backends in one table: at most " + MAX_BACKENDS);
    }
    if (permutations.length != weights.length) {
      throw new IllegalArgumentException(
          permutations.length + " backends and " + weights.length + " weights: one for each");
    }
    for (int weight : weights) {
      if (weight < 1) {
        throw new IllegalArgumentException("weight " + weight + " in a table: at least 1");
      }
    }
  }

  private static void fill(char[] table, Permutation[] permutations, int[] weights) {
    int backends = permutations.length;
    int[] next = new int[backends];
    int[] skip = new int[backends];
    int heaviest = 0;
    for (int i = 0; i < backends; i++) {
      next[i] = permutations[i].offset();
      skip[i] = permutations[i].skip();
      heaviest = Math.max(heaviest, weights[i]);
    }
    // A backend's turn comes when round * weight reaches what its turns so far have used up.
    long[] used = new long[backends];
    OpenSlots open = new OpenSlots(table.length);
    for (long round = 1; ; round++) {
      for (int i = 0; i < backends; i++) {
        if (round * weights[i] >= used[i]) {
          used[i] += heaviest;
          int slot = open.take(next[i], skip[i]);
          table[slot] = (char) i;
          next[i] = OpenSlots.step(slot, skip[i], table.length);
          if (open.isEmpty()) {
            return;
          }
        }
      }
    }
  }
}

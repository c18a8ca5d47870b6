package io.synlev.maglev;

import io.synlev.hash.Seed;
import java.util.Arrays;

/** Helpers for tests of tables. */
final class Tables {
  private Tables() {}

  /** Permutations of backends s1 to sN. */
  static Permutation[] permutations(int backends, Seed seed, int size) {
    Permutation[] permutations = new Permutation[backends];
    for (int i = 0; i < backends; i++) {
      permutations[i] = Permutation.of("s" + (i + 1), seed, size);
    }
    return permutations;
  }

  static int[] equalWeights(int backends) {
    int[] weights = new int[backends];
    Arrays.fill(weights, 1);
    return weights;
  }

  /** How many slots each backend has. */
  static int[] shares(char[] table, int backends) {
    int[] shares = new int[backends];
    for (char backend : table) {
      shares[backend]++;
    }
    return shares;
  }

  static int[] asInts(char[] table) {
    int[] ints = new int[table.length];
    for (int i = 0; i < table.length; i++) {
      ints[i] = table[i];
    }
    return ints;
  }
}

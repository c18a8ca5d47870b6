package io.synlev.maglev;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.hash.Seed;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How many slots change their backend when some go, over the share that had to. */
class DisruptionTest {
  private static final int TRIALS = 5;

  @Test
  void shouldMoveLittleMoreThanItMustWhenTwoOfTenGo() {
    assertTrue(worst(65537, 10, 2) <= 1.10);
  }

  @Test
  void shouldMoveLessThanTwiceWhatItMustWhenOneOfAHundredGoes() {
    assertTrue(worst(65537, 100, 1) <= 1.8);
  }

  @ParameterizedTest
  @CsvSource({"97, 4, 1", "997, 10, 1", "997, 10, 2", "9973, 10, 2", "65537, 1000, 1"})
  void shouldTellOfOtherSizes(int size, int backends, int removed) {
    worst(size, backends, removed);
  }

  private static double worst(int size, int backends, int removed) {
    double[] ratios = new double[TRIALS];
    for (int trial = 0; trial < TRIALS; trial++) {
      ratios[trial] = ratio(size, backends, removed, new Seed(trial, 100 + trial));
    }
    Arrays.sort(ratios);
    System.out.printf(
        "M %d, %d of %d go: moved over ideal %.2f / %.2f / %.2f%n",
        size, removed, backends, ratios[0], ratios[TRIALS / 2], ratios[TRIALS - 1]);
    return ratios[TRIALS - 1];
  }

  /** The last ones go; which ones makes no difference, as the order is that of the names. */
  private static double ratio(int size, int backends, int removed, Seed seed) {
    Permutation[] all = Tables.permutations(backends, seed, size);
    int left = backends - removed;
    char[] before = MaglevTable.build(size, all, Tables.equalWeights(backends));
    char[] after = MaglevTable.build(size, Arrays.copyOf(all, left), Tables.equalWeights(left));
    int moved = 0;
    for (int slot = 0; slot < size; slot++) {
      moved += before[slot] != after[slot] ? 1 : 0;
    }
    return moved / ((double) size * removed / backends);
  }
}

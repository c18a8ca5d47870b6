package io.synlev.maglev;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.hash.Seed;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MaglevTableTest {
  private static final Seed SEED = new Seed(3, 4);

  @ParameterizedTest
  @ValueSource(ints = {7, 11, 97, 251, 997, 9973, 65537})
  void shouldGiveEqualWeightsTheSameUpToOneSlot(int size) {
    for (int backends : new int[] {1, 2, 3, 7, 10, 96, 100, 250, 1000, 9000}) {
      char[] table =
          MaglevTable.build(
              size, Tables.permutations(backends, SEED, size), Tables.equalWeights(backends));
      int[] shares = Tables.shares(table, backends);
      int most = Arrays.stream(shares).max().orElseThrow();
      int least = Arrays.stream(shares).min().orElseThrow();
      assertTrue(most - least <= 1, size + " x " + backends + ": " + least + " to " + most);
      assertEquals(size, Arrays.stream(shares).sum());
    }
  }

  @Test
  void shouldGiveEveryBackendItsTurnAndThenInProportion() {
    Random random = new Random(5);
    for (int n = 0; n < 30; n++) {
      int backends = 2 + random.nextInt(50);
      int[] weights = random.ints(backends, 1, 10_000).toArray();
      int size = 65537;
      char[] table = MaglevTable.build(size, Tables.permutations(backends, SEED, size), weights);
      int[] shares = Tables.shares(table, backends);
      long sum = Arrays.stream(weights).asLongStream().sum();
      for (int i = 0; i < backends; i++) {
        double ideal = (double) size * weights[i] / sum;
        // One turn that everyone has first, and one that the end may cut off.
        assertTrue(
            Math.abs(shares[i] - ideal) <= 2, weights[i] + " of " + sum + " got " + shares[i]);
      }
    }
  }

  /** The same by definition: rounds, turns, and the first free slot of the permutation. */
  @ParameterizedTest
  @CsvSource({
    "7, 3",
    "97, 4",
    "251, 250",
    "997, 10",
    "997, 2000",
    "9973, 77",
    "65537, 100",
    "65537, 1000",
    "655373, 20"
  })
  void shouldAgreeWithTheDefinition(int size, int backends) {
    Random random = new Random(size + backends);
    for (int[] weights :
        new int[][] {
          Tables.equalWeights(backends),
          random.ints(backends, 1, 4).toArray(),
          random.ints(backends, 1, 10_001).toArray()
        }) {
      Permutation[] permutations = Tables.permutations(backends, new Seed(size, backends), size);
      assertArrayEquals(
          definition(size, permutations, weights), MaglevTable.build(size, permutations, weights));
    }
  }

  private static char[] definition(int size, Permutation[] permutations, int[] weights) {
    char[] table = new char[size];
    Arrays.fill(table, MaglevTable.NO_BACKEND);
    int largest = Arrays.stream(weights).max().orElseThrow();
    int[] turns = new int[permutations.length];
    int[] wishes = new int[permutations.length];
    int filled = 0;
    for (long round = 1; ; round++) {
      for (int i = 0; i < permutations.length; i++) {
        if (round * weights[i] >= (long) turns[i] * largest) {
          turns[i]++;
          int slot;
          do {
            slot =
                (int)
                    ((permutations[i].offset() + (long) wishes[i] * permutations[i].skip()) % size);
            wishes[i]++;
          } while (table[slot] != MaglevTable.NO_BACKEND);
          table[slot] = (char) i;
          if (++filled == size) {
            return table;
          }
        }
      }
    }
  }

  @Test
  void shouldHaveNoBackendWhenThereAreNone() {
    char[] table = MaglevTable.build(7, new Permutation[0], new int[0]);
    assertArrayEquals(
        new int[] {65535, 65535, 65535, 65535, 65535, 65535, 65535}, Tables.asInts(table));
  }

  @Test
  void shouldHoldTheMostBackendsAndTheLargestTable() {
    int backends = MaglevTable.MAX_BACKENDS;
    int size = TableSize.MAXIMUM;
    char[] table =
        MaglevTable.build(
            size, Tables.permutations(backends, SEED, size), Tables.equalWeights(backends));
    int[] shares = Tables.shares(table, backends);
    assertEquals(size / backends, Arrays.stream(shares).min().orElseThrow());
  }

  @Test
  void shouldRefuseWhatCannotBe() {
    Permutation[] one = {new Permutation(0, 1)};
    assertRefused("weight 0", () -> MaglevTable.build(7, one, new int[] {0}));
    assertRefused("weight -1", () -> MaglevTable.build(7, one, new int[] {-1}));
    assertRefused("1 backends and 2 weights", () -> MaglevTable.build(7, one, new int[] {1, 1}));
    assertRefused("9 slots", () -> MaglevTable.build(9, one, new int[] {1}));
    assertRefused("5 slots", () -> MaglevTable.build(5, one, new int[] {1}));
    Permutation[] many = new Permutation[MaglevTable.MAX_BACKENDS + 1];
    assertRefused("65535 backends", () -> MaglevTable.build(7, many, new int[many.length]));
  }

  private static void assertRefused(String part, Runnable build) {
    String message = assertThrows(IllegalArgumentException.class, build::run).getMessage();
    assertTrue(message.contains(part), message);
  }
}

package io.synlev.maglev;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.jr.ob.JSON;
import io.synlev.hash.Seed;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Tables and shares that others published (maglev.json), each with the hash it names. */
class PublishedTablesTest {
  private static final Map<String, Object> VECTORS = read();

  /** Envoy hashes with seeds 0 and 1. */
  private static final Seed ENVOY = new Seed(0, 1);

  private static Map<String, Object> read() {
    try (InputStream in = PublishedTablesTest.class.getResourceAsStream("/maglev.json")) {
      return JSON.std.mapFrom(in);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @SuppressWarnings("unchecked") // the file's shape is known
  private static Map<String, Object> vector(String name) {
    return (Map<String, Object>) VECTORS.get(name);
  }

  private static int[] ints(Object list) {
    return ((List<?>) list).stream().mapToInt(n -> (int) n).toArray();
  }

  @Test
  void shouldFillThePapersTable() {
    Map<String, Object> paper = vector("paper_page_6");
    int size = (int) paper.get("M");
    List<Permutation> permutations = new ArrayList<>();
    for (Object pair : (List<?>) paper.get("offset_skip")) {
      permutations.add(new Permutation(ints(pair)[0], ints(pair)[1]));
    }
    assertArrayEquals(ints(paper.get("table")), equal(size, permutations));

    permutations.remove(1);
    int[] without = equal(size, permutations);
    // The paper keeps the numbers of the backends that stay.
    int[] named = Arrays.stream(without).map(i -> i == 1 ? 2 : 0).toArray();
    assertArrayEquals(ints(paper.get("table_without_backend_1")), named);
  }

  private static int[] equal(int size, List<Permutation> permutations) {
    int backends = permutations.size();
    return Tables.asInts(
        MaglevTable.build(
            size, permutations.toArray(new Permutation[0]), Tables.equalWeights(backends)));
  }

  @Test
  void shouldFillEnvoysTables() {
    List<?> cases = (List<?>) vector("envoy").get("cases");
    assertEquals(4, cases.size());
    for (Object each : cases) {
      Map<?, ?> example = (Map<?, ?>) each;
      int size = (int) example.get("M");
      List<String> keys = ((List<?>) example.get("keys")).stream().map(String::valueOf).toList();
      int[] weights =
          example.containsKey("weights")
              ? ints(example.get("weights"))
              : Tables.equalWeights(keys.size());
      List<String> sorted = keys.stream().sorted(NameOrder.INSTANCE).toList();
      assertEquals(keys, sorted, "our order of turns is Envoy's here");
      Permutation[] permutations =
          sorted.stream().map(k -> Permutation.of(k, ENVOY, size)).toArray(Permutation[]::new);
      assertArrayEquals(
          ints(example.get("table")),
          Tables.asInts(MaglevTable.build(size, permutations, weights)),
          example.toString());
    }
  }

  @Test
  void shouldRejectASizeThatIsNotPrimeAsEnvoyDoes() {
    Permutation[] one = {new Permutation(0, 1)};
    String message =
        assertThrows(
                IllegalArgumentException.class, () -> MaglevTable.build(16, one, new int[] {1}))
            .getMessage();
    assertTrue(message.contains("16") && message.contains("prime"), message);
  }

  @Test
  void shouldShareOutAsKatranDoes() {
    Map<String, Object> katran = vector("katran");
    int size = (int) katran.get("M");
    int[] weights = ints(katran.get("weights"));
    assertArrayEquals(ints(katran.get("slots_v1")), firstRoundShares(size, weights));
    assertArrayEquals(ints(katran.get("slots_v2")), summedShares(size, weights));
    for (int n = 0; n < 100; n++) {
      Permutation[] any = Tables.permutations(weights.length, new Seed(n, -n), size);
      assertArrayEquals(
          ints(katran.get("slots_v1")),
          Tables.shares(MaglevTable.build(size, any, weights), weights.length),
          "ours is its first rule");
    }
  }

  /** katran's first rule: a backend takes its weight in turns at once, in the first round. */
  private static int[] firstRoundShares(int size, int[] weights) {
    int[] shares = new int[weights.length];
    int free = size;
    for (int round = 0; free > 0; round++) {
      for (int i = 0; i < weights.length; i++) {
        int turns = round == 0 ? weights[i] : 1;
        int taken = Math.min(turns, free);
        shares[i] += taken;
        free -= taken;
      }
    }
    return shares;
  }

  /** katran's second rule, as the file describes it. */
  private static int[] summedShares(int size, int[] weights) {
    int largest = Arrays.stream(weights).max().orElseThrow();
    int[] sums = new int[weights.length];
    int[] shares = new int[weights.length];
    for (int free = size; free > 0; ) {
      for (int i = 0; i < weights.length && free > 0; i++) {
        sums[i] += weights[i];
        if (sums[i] >= largest) {
          sums[i] -= largest;
          shares[i]++;
          free--;
        }
      }
    }
    return shares;
  }

  @Test
  void shouldShareOutAsCiliumDoes() {
    Map<String, Object> cilium = vector("cilium");
    int size = (int) cilium.get("M");
    int[] weights = ints(cilium.get("weights"));
    for (int n = 0; n < 20; n++) {
      Permutation[] any = Tables.permutations(weights.length, new Seed(n, -n), size);
      assertArrayEquals(
          ints(cilium.get("slots")),
          Tables.shares(MaglevTable.build(size, any, weights), weights.length));
    }
  }

  /** Its two cases: the last of three equal backends goes, the first of four weighted ones goes. */
  @Test
  void shouldMoveAsFewOfTheOthersAsCiliumAsks() {
    Map<String, Object> cilium = vector("cilium");
    int size = (int) cilium.get("M");
    assertTrue(movedOthers(size, new int[] {1, 1, 1}, 2) < 0.01);
    assertTrue(movedOthers(size, ints(cilium.get("weights")), 0) < 0.01);
  }

  /** The share of the table that changed from one remaining backend to another; mean of seeds. */
  private static double movedOthers(int size, int[] weights, int removed) {
    int seeds = 50;
    int moved = 0;
    for (int n = 0; n < seeds; n++) {
      Permutation[] before = Tables.permutations(weights.length, new Seed(n, -n), size);
      List<Permutation> left = new ArrayList<>(List.of(before));
      left.remove(removed);
      int[] leftWeights = new int[weights.length - 1];
      for (int i = 0; i < leftWeights.length; i++) {
        leftWeights[i] = weights[i < removed ? i : i + 1];
      }
      char[] old = MaglevTable.build(size, before, weights);
      char[] young = MaglevTable.build(size, left.toArray(new Permutation[0]), leftWeights);
      for (int slot = 0; slot < size; slot++) {
        int same = young[slot] < removed ? young[slot] : young[slot] + 1;
        moved += old[slot] != removed && old[slot] != same ? 1 : 0;
      }
    }
    System.out.printf(
        "M %d, %d backends: %.2f %% of the slots moved between backends that stay%n",
        size, weights.length, 100.0 * moved / seeds / size);
    return (double) moved / seeds / size;
  }
}

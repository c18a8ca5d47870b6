package io.synlev.fastpath;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class FlowCountsTest {

  /** For so many flows there are 512 cells. */
  private static final int FLOWS = 128;

  private final FlowCounts counts = new FlowCounts(FLOWS);

  @Test
  void shouldCountAsAMapDoesThoughBackendsComeAndGoForLong() {
    SplittableRandom random = new SplittableRandom(1);
    Map<Integer, Integer> model = new HashMap<>();
    int newest = 0;
    for (int i = 0; i < 200_000; i++) {
      if (random.nextInt(20) == 0) {
        end(model, identity(newest - 59));
        newest++;
      }
      int identity = identity(newest - random.nextInt(60));
      int before = model.getOrDefault(identity, 0);
      if (before > 0 && random.nextInt(100) < 55) {
        counts.remove(identity);
        model.put(identity, before - 1);
      } else if (random.nextBoolean()) {
        assertTrue(counts.add(identity));
        model.put(identity, before + 1);
      }
      assertEquals(model.getOrDefault(identity, 0), counts.of(identity), "step " + i);
    }
    model.forEach((identity, count) -> assertEquals(count, counts.of(identity)));
    assertTrue(model.size() > 2 * 512, "more than there are cells: " + model.size());
  }

  /** Many have the same place. */
  private static int identity(int name) {
    return 1 + name * 64;
  }

  private void end(Map<Integer, Integer> model, int identity) {
    for (int left = model.getOrDefault(identity, 0); left > 0; left--) {
      counts.remove(identity);
    }
    model.put(identity, 0);
  }

  @Test
  void shouldRefuseWhenAllCellsNearAreTaken() {
    for (int i = 1; i <= 256; i++) {
      assertTrue(counts.add(i << 9));
    }
    assertFalse(counts.add(257 << 9));
    assertEquals(0, counts.of(257 << 9));
    assertTrue(counts.add(9 << 9), "who has a cell is counted");
    counts.remove(100 << 9);
    assertTrue(counts.add(257 << 9));
    assertEquals(1, counts.of(257 << 9));
    assertEquals(0, counts.of(100 << 9));
    assertEquals(2, counts.of(9 << 9));
  }
}

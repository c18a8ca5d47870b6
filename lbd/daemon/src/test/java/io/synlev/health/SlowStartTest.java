package io.synlev.health;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class SlowStartTest {
  @Test
  void shouldGiveMoreStepByStepAndAllAtTheEnd() {
    assertEquals(10, SlowStart.percent(0, 30_000));
    assertEquals(10, SlowStart.percent(3_333, 30_000));
    assertEquals(20, SlowStart.percent(3_334, 30_000));
    assertEquals(50, SlowStart.percent(15_000, 30_000));
    assertEquals(90, SlowStart.percent(29_999, 30_000));
    assertEquals(100, SlowStart.percent(30_000, 30_000));
  }

  @Test
  void shouldGiveAllAtOnceWithoutASlowStart() {
    assertEquals(100, SlowStart.percent(0, 0));
  }

  /** However often it is looked at, no more generations than steps can come of it. */
  @Test
  void shouldHaveTenSteps() {
    TreeSet<Integer> steps = new TreeSet<>();
    for (int millis = 0; millis <= 7_001; millis++) {
      steps.add(SlowStart.percent(millis, 7_001));
    }
    assertEquals("[10, 20, 30, 40, 50, 60, 70, 80, 90, 100]", steps.toString());
  }

  @Test
  void shouldGoOnWhereADaemonBeforeUsWas() {
    for (int percent = 10; percent < 100; percent += 10) {
      long elapsed = SlowStart.elapsedMillis(percent, 7_001);
      assertEquals(percent, SlowStart.percent(elapsed, 7_001));
    }
  }
}

package io.synlev.health;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.state.HealthCheck.Rhythm;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PaceTest {
  private static final long MILLI = 1_000_000;

  /** Near the point where the clock's number becomes negative. */
  private static final long BEGIN = Long.MAX_VALUE - 50 * MILLI;

  private static Rhythm rhythm(int jitter, int backOff) {
    return new Rhythm(1_000, 500, 2, 3, jitter, backOff);
  }

  private static long millis(Rhythm rhythm, long endAfter, int failures, int random) {
    return (Pace.next(BEGIN, BEGIN + endAfter * MILLI, rhythm, failures, random) - BEGIN) / MILLI;
  }

  @Test
  void shouldBeginAnIntervalAfterTheLastBegin() {
    assertEquals(1_000, millis(rhythm(0, 0), 3, 0, 12345));
    assertEquals(1_000, millis(rhythm(0, 0), 500, 0, -1));
  }

  @Test
  void shouldNotBeginBeforeTheLastHasEnded() {
    assertEquals(1_700, millis(rhythm(0, 0), 1_700, 0, 5));
  }

  @Test
  void shouldShortenByUpToTheJitterAndNeverLengthen() {
    assertEquals(1_000, millis(rhythm(20, 0), 0, 0, 0));
    assertEquals(800, millis(rhythm(20, 0), 0, 0, Integer.MAX_VALUE));
    Random random = new Random(3);
    long sum = 0;
    for (int i = 0; i < 1_000; i++) {
      long millis = millis(rhythm(20, 0), 0, 0, random.nextInt());
      assertTrue(millis >= 800 && millis <= 1_000, () -> millis + " ms");
      sum += millis;
    }
    // Spread evenly: the mean of 1,000 draws is within 6 ms of the middle in all but 1 of 1,000
    // runs.
    assertEquals(900, sum / 1_000.0, 6);
  }

  @Test
  void shouldAskLessOftenTheLongerItStaysDown() {
    Rhythm rhythm = rhythm(0, 10_000);
    int[] expected = {1_000, 2_000, 4_000, 8_000, 10_000, 10_000};
    for (int failures = 0; failures < expected.length; failures++) {
      assertEquals(expected[failures], millis(rhythm, 500, failures, 9));
    }
    assertEquals(10_000, millis(rhythm, 500, Integer.MAX_VALUE, 9));
  }

  @Test
  void shouldNotBackOffWithoutALimitAboveTheInterval() {
    assertEquals(1_000, millis(rhythm(0, 0), 500, 30, 9));
    assertEquals(1_000, millis(rhythm(0, 700), 500, 30, 9));
  }

  @Test
  void shouldSpreadTheFirstChecksOverAnInterval() {
    Random random = new Random(4);
    int[] tenths = new int[10];
    for (int i = 0; i < 10_000; i++) {
      long ahead = Pace.first(BEGIN, rhythm(0, 0), random.nextInt()) - BEGIN;
      tenths[(int) Math.min(9, ahead / (100 * MILLI))]++;
    }
    for (int tenth : tenths) {
      assertEquals(1_000, tenth, 150);
    }
  }
}

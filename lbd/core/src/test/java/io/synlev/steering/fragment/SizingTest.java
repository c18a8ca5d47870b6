package io.synlev.steering.fragment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.steering.fragment.SizingSimulation.Result;
import io.synlev.steering.fragment.SizingSimulation.Traffic;
import org.junit.jupiter.api.Test;

/** The sizing rule of docs/fragments.md, in virtual time. */
class SizingTest {

  private static final FragmentOptions DEFAULT = FragmentOptions.DEFAULT;

  private static Result run(FragmentOptions options, Traffic traffic) {
    return new SizingSimulation(options, traffic).run();
  }

  /** Rate times spread datagrams are on their way at once; the table has room for them. */
  @Test
  void shouldLoseNothingWhenTheTableHoldsRateTimesSpread() {
    Traffic traffic = new Traffic(100_000, 4, 20_000_000, 0.0, 0);
    Result result = run(options(2 * 100_000 / 50, 2048), traffic);
    assertEquals(0, result.lost(), result.toString());
  }

  @Test
  void shouldLoseWhenTheTableIsAFifthOfThat() {
    Traffic traffic = new Traffic(100_000, 4, 20_000_000, 0.0, 0);
    Result result = run(options(100_000 / 50 / 5, 2048), traffic);
    assertTrue(result.lost() > result.datagrams() / 4, result.toString());
  }

  @Test
  void shouldHoldEveryEarlyFragmentWhenThePoolHoldsTheirRateTimesSpread() {
    Traffic traffic = new Traffic(20_000, 4, 10_000_000, 0.5, 0);
    int early = 20_000 * 3 / 2 / 100;
    Result result = run(options(8192, 2 * early), traffic);
    assertEquals(0, result.lost(), result.toString());
    assertTrue(run(options(8192, early / 8), traffic).lost() > 0);
  }

  /** 60,000 first-less fragments a second turn the default pool over every 34 ms. */
  @Test
  void shouldServeGoodTrafficWhileAFloodOfFirstlessFragmentsRuns() {
    Result inOrder = run(DEFAULT, new Traffic(10_000, 4, 1_000_000, 0.0, 60_000));
    assertEquals(0, inOrder.lost(), "in order: " + inOrder);
    Result reordered = run(DEFAULT, new Traffic(10_000, 4, 10_000_000, 0.5, 60_000));
    assertEquals(0, reordered.lost(), "reordered: " + reordered);
    assertTrue(reordered.mostHeld() <= DEFAULT.heldFragments());
  }

  private static FragmentOptions options(int datagrams, int held) {
    return new FragmentOptions(datagrams, DEFAULT.lifeNanos(), held, DEFAULT.heldBytes());
  }
}

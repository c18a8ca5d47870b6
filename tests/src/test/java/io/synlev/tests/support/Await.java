package io.synlev.tests.support;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** The one way to wait: for a condition, with a deadline that only a defect reaches. */
public final class Await {
  private static final Duration DEADLINE = Duration.ofSeconds(20);
  private static final long POLL_NANOS = 2_000_000;

  private Await() {}

  /** Waits until {@code condition} holds; fails after 20 s. */
  public static void until(String what, BooleanSupplier condition) {
    until(what, DEADLINE, condition, () -> "");
  }

  /**
   * Waits until {@code condition} holds.
   *
   * @param state tells, in the failure, how far it came
   * @throws AssertionError when the deadline has passed
   */
  public static void until(
      String what, Duration deadline, BooleanSupplier condition, Supplier<String> state) {
    long end = System.nanoTime() + deadline.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - end > 0) {
        throw new AssertionError(
            "after " + deadline.toSeconds() + " s still not: " + what + "\n" + state.get());
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
  }
}

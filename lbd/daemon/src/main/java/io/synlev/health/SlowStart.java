package io.synlev.health;

import io.synlev.state.Backend;

/**
 * How much of its weight a backend has that came back, in steps of {@value #STEP} percent. Pure.
 */
final class SlowStart {
  static final int STEP = 10;

  private SlowStart() {}

  /**
   * The share.
   *
   * @param elapsedMillis since it came back
   * @param wholeMillis until it has all, 0 for at once
   * @return percent, {@value #STEP} to {@link Backend#WHOLE}
   */
  static int percent(long elapsedMillis, int wholeMillis) {
    if (elapsedMillis >= wholeMillis) {
      return Backend.WHOLE;
    }
    int beyond = (int) ((Backend.WHOLE - STEP) * elapsedMillis / wholeMillis);
    return STEP + beyond / STEP * STEP;
  }

  /** When, in milliseconds since it came back, a backend reached a share. */
  static long elapsedMillis(int percent, int wholeMillis) {
    // Rounded up: the share that is reached then must be this one.
    return Math.ceilDiv((long) wholeMillis * Math.max(0, percent - STEP), Backend.WHOLE - STEP);
  }
}

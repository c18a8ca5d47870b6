package io.synlev.health;

import io.synlev.state.HealthCheck.Rhythm;

/** When the next check begins. Times are of {@link System#nanoTime}; they are passed in. Pure. */
final class Pace {
  private static final long MILLI = 1_000_000;

  /** The interval grows to at most 2 to this power. */
  private static final int MOST_DOUBLINGS = 20;

  private Pace() {}

  /**
   * The next begin: an interval after the last one, less up to the jitter, and not before that
   * one's end. While a backend stays down each failure doubles the interval, up to the back-off.
   *
   * @param begin of the last check
   * @param end of the last check
   * @param failuresWhileDown bad answers since it was found down; 0 when it is up or just answered
   * @param random any number; its lower 31 bits count
   */
  static long next(long begin, long end, Rhythm rhythm, int failuresWhileDown, int random) {
    long millis = rhythm.intervalMillis();
    if (rhythm.backOffMillis() > millis) {
      millis =
          Math.min(rhythm.backOffMillis(), millis << Math.min(failuresWhileDown, MOST_DOUBLINGS));
    }
    long nanos = millis * MILLI;
    long most = nanos / 100 * rhythm.jitterPercent();
    long shorter = (long) (most * ((random & Integer.MAX_VALUE) / (double) Integer.MAX_VALUE));
    long next = begin + nanos - shorter;
    return next - end > 0 ? next : end;
  }

  /** The first begin: anywhere in the first interval, so that a thousand do not begin together. */
  static long first(long now, Rhythm rhythm, int random) {
    double part = (random & Integer.MAX_VALUE) / (double) Integer.MAX_VALUE;
    return now + (long) (rhythm.intervalMillis() * MILLI * part);
  }
}

package io.synlev.steering.trace;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Lets so many packets a second pass, of all workers together: on average, and up to one second's
 * worth at once. Lock-free; any thread; allocates nothing.
 *
 * <p>It keeps the time at which the packets that passed would all have been due at the even rate,
 * and lets the next one pass while that is less than a second ahead (the generic cell rate
 * algorithm of ITU-T I.371).
 */
final class TraceRate {
  /** More a second is no limit. */
  static final int MOST = 1_000_000;

  private static final long SECOND_NANOS = 1_000_000_000;
  private static final int TRIES = 4;
  private static final VarHandle DUE;

  static {
    try {
      DUE = MethodHandles.lookup().findVarHandle(TraceRate.class, "due", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final long interval;
  private volatile long due;

  /**
   * Makes a limit.
   *
   * @param perSecond 1 to {@value #MOST}
   * @param nowNanos on {@link System#nanoTime()}'s scale
   */
  TraceRate(int perSecond, long nowNanos) {
    interval = SECOND_NANOS / perSecond;
    due = nowNanos;
  }

  /** Whether one more may pass now; if so, it counts. */
  boolean passes(long nowNanos) {
    for (int tries = 0; tries < TRIES; tries++) {
      long before = due;
      long from = before - nowNanos > 0 ? before : nowNanos;
      if (from + interval - nowNanos > SECOND_NANOS) {
        return false;
      }
      if (DUE.compareAndSet(this, before, from + interval)) {
        return true;
      }
    }
    return false;
  }
}

package io.synlev.fastpath;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The counters of one worker: written by its thread alone, read by any. Writes and reads are
 * opaque: never torn, visible in time, nothing else is ordered by them.
 */
final class Counters {

  private static final VarHandle VALUES =
      MethodHandles.arrayElementVarHandle(long[].class).withInvokeExactBehavior();

  private final long[] values = new long[FastPathCounter.values().length];

  /** Adds; the worker's thread only. */
  void add(FastPathCounter counter, long amount) {
    int index = counter.ordinal();
    VALUES.setOpaque(values, index, values[index] + amount);
  }

  /** The present value; any thread. */
  long get(FastPathCounter counter) {
    return (long) VALUES.getOpaque(values, counter.ordinal());
  }
}

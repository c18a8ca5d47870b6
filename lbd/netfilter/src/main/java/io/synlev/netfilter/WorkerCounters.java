package io.synlev.netfilter;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The counters of one worker: written by its thread alone, read by any.
 *
 * <p>A write is an opaque store, a read an opaque load: values are never torn and become visible in
 * time, but nothing else is ordered by them, so two counters read together may be of different
 * batches. Hot: no allocation, no lock.
 */
final class WorkerCounters {

  private static final VarHandle VALUES =
      MethodHandles.arrayElementVarHandle(long[].class).withInvokeExactBehavior();

  private final long[] values = new long[QueueCounter.values().length];

  /** Adds; the worker's thread only. */
  void add(QueueCounter counter, long amount) {
    int index = counter.ordinal();
    VALUES.setOpaque(values, index, values[index] + amount);
  }

  /** Raises to the value if it is below; the worker's thread only. */
  void raise(QueueCounter counter, long value) {
    int index = counter.ordinal();
    if (value > values[index]) {
      VALUES.setOpaque(values, index, value);
    }
  }

  /** The present value; any thread. */
  long get(QueueCounter counter) {
    return (long) VALUES.getOpaque(values, counter.ordinal());
  }
}

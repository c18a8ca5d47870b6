package io.synlev.nat;

import java.util.concurrent.atomic.AtomicLongArray;

/** The counters of one worker: written by its thread alone, read by any. Hot. */
final class NatCounters {

  private final AtomicLongArray values = new AtomicLongArray(NatCounter.values().length);

  /** Adds one; the worker's thread only. */
  void count(NatCounter counter) {
    int index = counter.ordinal();
    values.setOpaque(index, values.getPlain(index) + 1);
  }

  /** The present value; any thread. */
  long get(NatCounter counter) {
    return values.getOpaque(counter.ordinal());
  }
}

package io.synlev.steering;

import io.synlev.state.Instance;
import java.lang.invoke.VarHandle;

/**
 * Whether what was read from the shared state is whole. Not final only so that tests can move the
 * epoch when they like; with one class loaded the calls are inlined.
 */
class Epoch {

  private final Instance instance;

  Epoch(Instance instance) {
    this.instance = instance;
  }

  /** The epoch, with acquire: everything published before it is seen by the reads that follow. */
  long read() {
    return instance.epoch();
  }

  /** Whether every read since {@link #read} answered {@code epoch} is whole. */
  boolean isStill(long epoch) {
    VarHandle.acquireFence();
    return instance.epoch() == epoch;
  }
}

package io.synlev.steering;

import io.synlev.datapath.Reason;
import io.synlev.state.WorkerCounters;

/**
 * Counts reasons in a worker's counters, runs of the same reason at once: packets of a batch are
 * mostly alike, and adding to shared memory one by one would make each wait for the one before.
 * Belongs to one worker.
 */
final class ReasonCounter {

  private final WorkerCounters counters;
  private Reason current = Reason.UNDECIDED;
  private long run;

  /**
   * Counts there.
   *
   * @param counters null to count nothing
   */
  ReasonCounter(WorkerCounters counters) {
    this.counters = counters;
  }

  void add(Reason reason) {
    if (reason != current) {
      flush();
      current = reason;
    }
    run++;
  }

  /** Adds a reason as often as it happened, which may be never. */
  void add(Reason reason, long times) {
    if (times != 0 && counters != null) {
      counters.add(reason.id(), times);
    }
  }

  /** Makes everything that was added visible. */
  void flush() {
    if (run != 0 && counters != null) {
      counters.add(current.id(), run);
      run = 0;
    }
  }
}

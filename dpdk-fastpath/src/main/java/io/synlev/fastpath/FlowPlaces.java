package io.synlev.fastpath;

import java.lang.invoke.VarHandle;

/**
 * Who makes room in a connection table: flows that were idle for too long, and in a full bucket the
 * one that can be spared best. Belongs to the table's worker. Hot: no allocation.
 */
final class FlowPlaces {

  /** In so many ticks every place is looked at: about a minute. */
  private static final int SWEEP_TICKS = 1 << 16;

  /** Most buckets that are looked at in one batch. */
  private static final int SWEEP_MOST = 64;

  private final FlowMemory memory;
  private final FlowState states;
  private final CountedFlows flows;
  private final Counters counters;
  private int sweptAt;
  private long sweepDebt;
  private int sweepNext;

  FlowPlaces(FlowMemory memory, FlowState states, CountedFlows flows, Counters counters, int tick) {
    this.memory = memory;
    this.states = states;
    this.flows = flows;
    this.counters = counters;
    sweptAt = tick;
  }

  /** A free place; if there is none, the one of the flow that can be spared best. */
  int room(long bucket, int tick) {
    long free = FlowBucket.matches(FlowBucket.tags(bucket), 0);
    if (free != 0) {
      return FlowBucket.first(free);
    }
    int spared = 0;
    long worth = Long.MAX_VALUE;
    for (int place = 0; place < FlowBucket.PLACES; place++) {
      int idle = tick - FlowBucket.seen(bucket, place);
      int state = FlowBucket.state(bucket, place);
      if (states.isOver(state, idle)) {
        release(bucket, place, FastPathCounter.FLOWS_EXPIRED);
        return place;
      }
      long its = (FlowState.isYoung(state) ? 0 : 1L << 32) - (idle & 0xffff_ffffL);
      if (its < worth) {
        worth = its;
        spared = place;
      }
    }
    release(bucket, spared, FastPathCounter.FLOWS_EVICTED);
    return spared;
  }

  /**
   * Frees a place.
   *
   * @param reason counts the flow, unless it was forgotten before
   */
  void release(long bucket, int place, FastPathCounter reason) {
    if (flows.end(bucket, place, memory.key(bucket, place))) {
      counters.add(reason, 1);
    }
    FlowBucket.putTag(bucket, place, 0);
    // What others read of the key must not be newer than the tag that they read before.
    VarHandle.storeStoreFence();
  }

  /** Ends flows that were idle for too long, so that counts are right and times can wrap. */
  void sweep(int tick) {
    if (tick == sweptAt) {
      return;
    }
    long most = (long) memory.count() * FlowBucket.PLACES;
    sweepDebt = Math.min(sweepDebt + (long) (tick - sweptAt) * memory.count(), most << 16);
    sweptAt = tick;
    for (int i = 0; i < SWEEP_MOST && sweepDebt >= SWEEP_TICKS; i++) {
      sweepDebt -= SWEEP_TICKS;
      sweep(memory.at(sweepNext), tick);
      sweepNext = sweepNext + 1 == memory.count() ? 0 : sweepNext + 1;
    }
  }

  private void sweep(long bucket, int tick) {
    if (FlowBucket.tags(bucket) == 0) {
      return;
    }
    for (int place = 0; place < FlowBucket.PLACES; place++) {
      if (FlowBucket.tag(bucket, place) != 0
          && states.isOver(
              FlowBucket.state(bucket, place), tick - FlowBucket.seen(bucket, place))) {
        release(bucket, place, FastPathCounter.FLOWS_EXPIRED);
      }
    }
  }
}

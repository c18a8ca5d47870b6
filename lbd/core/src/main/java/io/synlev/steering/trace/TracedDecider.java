package io.synlev.steering.trace;

import io.synlev.datapath.BatchDecider;
import io.synlev.datapath.Decision;
import io.synlev.state.Prefix;
import io.synlev.steering.View;
import io.synlev.steering.Views;
import java.util.List;

/**
 * Shows a worker's decisions to the traces in force. Belongs to that worker; allocates nothing,
 * with traces or without.
 */
public final class TracedDecider implements BatchDecider {
  private final BatchDecider decider;
  private final Traces traces;
  private final Views views;
  private final int worker;

  /**
   * Puts itself in front of a decider.
   *
   * @param views the ones that {@code decider} uses
   * @param worker the worker's number, below the number of workers that each trace is made for
   */
  public TracedDecider(BatchDecider decider, Traces traces, Views views, int worker) {
    this.decider = decider;
    this.traces = traces;
    this.views = views;
    this.worker = worker;
  }

  @Override
  public int markMask() {
    return decider.markMask();
  }

  @Override
  public List<Prefix> vips() {
    return decider.vips();
  }

  @Override
  public void decideBatch(
      long[] addresses, int[] lengths, int count, long nowNanos, Decision[] out) {
    Trace[] active = traces.active();
    if (active == null) {
      decider.decideBatch(addresses, lengths, count, nowNanos, out);
    } else {
      decideTraced(active, addresses, lengths, count, nowNanos, out);
    }
  }

  private void decideTraced(
      Trace[] active, long[] addresses, int[] lengths, int count, long nowNanos, Decision[] out) {
    View before = views.current();
    decider.decideBatch(addresses, lengths, count, nowNanos, out);
    // Another one was put in force meanwhile: which of them the batch saw is not known.
    View view = views.current() == before ? before : null;
    for (Trace trace : active) {
      trace.offer(worker, view, addresses, lengths, count, nowNanos, out);
    }
  }
}

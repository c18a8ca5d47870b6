package io.synlev.steering.trace;

import io.synlev.datapath.Decision;
import io.synlev.state.Service;
import io.synlev.steering.View;

/**
 * A packet that was decided about.
 *
 * @param worker the number of the worker that did
 * @param nanos when, on {@link System#nanoTime()}'s scale
 * @param view whose services the decision names; null if they were changing just then
 * @param decision what was decided
 * @param length how many of the packet's bytes the worker had
 * @param bytes those that were kept, from the IP header on
 */
public record TracedPacket(
    int worker, long nanos, View view, Decision decision, int length, byte[] bytes) {

  /** The service that had the packet; null if none had, or if that is not known. */
  public Service service() {
    return view == null || decision.service < 0 ? null : view.services().get(decision.service);
  }
}

package io.synlev.lbd;

import io.synlev.steering.FlowNumbers;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.function.Consumer;

/**
 * The steps by which a datapath takes another one's place in a daemon that runs.
 *
 * <p>All that can fail or takes long comes before the former one stops, and a failure leaves it
 * serving. Two datapaths that get packets from different places serve together for a moment, so
 * that none is missed; where one gets copies of what the other gets, the former stops first. One
 * thread.
 */
final class DatapathSwitch {
  private static final Logger LOG = System.getLogger(DatapathSwitch.class.getName());

  /** What the interface has received before is decided by then, or never. */
  private static final long EMPTY_NANOS = 100_000_000;

  private static final long NANOS_PER_MICRO = 1000;

  private final Daemon daemon;
  private final ServingDatapath former;
  private final ServingDatapath next;
  private final Consumer<Throwable> onFailure;
  private boolean isFormerStopped;
  private long begunNanos;
  private long gapNanos;
  private long togetherNanos;

  /** Prepares for a switch; nothing is done yet. */
  DatapathSwitch(
      Daemon daemon, ServingDatapath former, ServingDatapath next, Consumer<Throwable> onFailure) {
    this.daemon = daemon;
    this.former = former;
    this.next = next;
    this.onFailure = onFailure;
  }

  /**
   * Makes the new one ready to serve. After a failure {@link #undo} must follow.
   *
   * @throws IOException with the remedy
   */
  void prepare() throws IOException {
    if (next.queues() != null) {
      Capabilities.requireNetAdmin();
    }
    next.warmUp();
    next.openFlows();
    next.datapath().prepare();
  }

  /**
   * Tells the new one which flows have their backends already.
   *
   * @return how many it has taken
   * @throws IOException if conntrack carries some and would go on with the copies that the kernel
   *     gets
   */
  long carryFlows() throws IOException {
    long carried = carryFlows(former, next);
    boolean isConntrack = former.flows().inForce() == Offload.CONNTRACK;
    if (carried > 0 && isConntrack && next.datapath().leavesCopies()) {
      throw new StartException(
          "the kernel gets copies of the packets, and conntrack, which carries %d flows, would send"
                  .formatted(carried)
              + " theirs to the backends, too: use a port that takes them away (net_af_xdp), or"
              + " rules with --offload tc or none");
    }
    return carried;
  }

  private long carryFlows(ServingDatapath from, ServingDatapath to) throws IOException {
    FlowNumbers numbers = new FlowNumbers(daemon.instance());
    long[] adopted = {to.flows().adopt(from.flows())};
    from.flows()
        .forEachLive(
            flow -> {
              long backend = numbers.number(flow.mark);
              if (backend != 0 && to.datapath().adopt(flow, numbers.hash(flow.flow), backend)) {
                adopted[0]++;
              }
            });
    return adopted[0];
  }

  /**
   * Lets the new one serve, and stops the former. After a failure the former serves.
   *
   * @throws IOException if the new one could not begin
   */
  void change() throws IOException {
    if (!former.datapath().leavesCopies() && !next.datapath().leavesCopies()) {
      changeTogether();
    } else if (former.queues() != null) {
      changeFromQueues();
    } else {
      changeToQueues();
    }
  }

  private void changeTogether() throws IOException {
    next.start(onFailure);
    begunNanos = System.nanoTime();
    next.flows().serve();
    if (former.queues() != null) {
      former.queues().awaitEmpty(EMPTY_NANOS);
      withdraw();
    }
    former.datapath().stop(() -> togetherNanos = System.nanoTime() - begunNanos);
  }

  /** The new one serves, so this is no reason to fail. */
  private void withdraw() {
    try {
      former.flows().withdraw();
    } catch (IOException e) {
      LOG.log(Level.WARNING, "flows are still carried as before, too: " + e.getMessage());
    }
  }

  /** The kernel gets copies from now on; with nobody who reads the queues it drops them. */
  private void changeFromQueues() throws IOException {
    former.queues().rehearsePause();
    long ended = System.nanoTime();
    former.queues().pause(() -> {});
    boolean isStarted = false;
    try {
      former.flows().withdraw();
      next.start(onFailure);
      isStarted = true;
    } finally { // also without memory for threads
      if (!isStarted) {
        goOn();
      }
    }
    gapNanos = System.nanoTime() - ended;
    former.datapath().stop();
  }

  /** Has the former read its queues again; what else fails is said beside the reason for it. */
  private void goOn() {
    try {
      former.queues().resume(false);
    } catch (IOException e) {
      LOG.log(Level.WARNING, "queues may have other settings than before: " + e.getMessage());
    }
    try {
      former.flows().serve();
    } catch (IOException e) {
      LOG.log(Level.WARNING, "flows are not carried any more: " + e.getMessage());
    }
  }

  private void changeToQueues() throws IOException {
    IOException[] refusal = new IOException[1];
    isFormerStopped = true;
    long ended = System.nanoTime();
    former.datapath().stop(() -> refusal[0] = start());
    if (refusal[0] != null) {
      throw refusal[0];
    }
    gapNanos = begunNanos - ended;
    next.flows().serve();
  }

  private IOException start() {
    try {
      next.start(onFailure);
      begunNanos = System.nanoTime();
      return null;
    } catch (IOException e) {
      return e;
    }
  }

  /**
   * Takes the new one away.
   *
   * @return what serves: the former, or one that was made like it
   * @throws IOException if the former had to stop and cannot be brought back: nothing serves
   */
  ServingDatapath undo() throws IOException {
    ServingDatapath serving = former;
    if (isFormerStopped) {
      serving = daemon.inForce().make(former.settings());
      serving.openFlows();
      serving.datapath().prepare();
      carryFlows(next, serving);
      serving.start(onFailure);
    }
    next.datapath().stop();
    next.closeFlows();
    return serving;
  }

  /** How long neither took packets, at most; 0 if one always did. */
  long gapMicros() {
    return Math.ceilDiv(gapNanos, NANOS_PER_MICRO);
  }

  /** How long both did. */
  long togetherMicros() {
    return togetherNanos / NANOS_PER_MICRO;
  }
}

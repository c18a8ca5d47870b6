package io.synlev.lbd;

import io.synlev.datapath.Datapath;
import io.synlev.netfilter.NfqueueDatapath;
import io.synlev.state.DaemonRecord;
import io.synlev.state.Instance;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.function.Consumer;

/**
 * A datapath, and the flows that somebody carries for it: all of the daemon that is another one
 * after a switch. A life is: {@link #openFlows}, {@link #start}, {@code flows().serve()}, the
 * datapath's stop, {@link #closeFlows}; one thread at a time, but for looking at it.
 */
abstract sealed class ServingDatapath permits QueueServing, ProvidedServing {

  private volatile Instant since;

  /** What it is made from; null for queues. */
  abstract DatapathSettings settings();

  /** What carries the packets. */
  abstract Datapath datapath();

  /** The same if it is over queues, otherwise null. */
  abstract NfqueueDatapath queues();

  /** Its name, as {@link Datapath#name}. */
  final String name() {
    return datapath().name();
  }

  /**
   * Refuses an instance with pools that it cannot serve.
   *
   * @throws io.synlev.state.StateException naming the first such pool
   */
  final void admit(Instance instance) {
    Policies.requireServable(instance, settings());
  }

  /**
   * Makes its code fast before it serves.
   *
   * @throws IOException if a library is missing
   */
  abstract void warmUp() throws IOException;

  /** Looks for the flows that are carried; before the start. */
  abstract void openFlows() throws IOException;

  /** The flows that are carried; {@link LiveFlows#NONE} before {@link #openFlows}. */
  abstract LiveFlows flows();

  /**
   * Decides about packets from now on.
   *
   * @param onFailure as for {@link Datapath#start}
   * @throws IOException with the remedy; then nothing is left bound
   */
  abstract void start(Consumer<Throwable> onFailure) throws IOException;

  /** Notes that it serves from now on. */
  final void begins() {
    since = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    log();
  }

  /** When it began to serve; null before. */
  final Instant since() {
    return since;
  }

  /** Says in the log what is in force. */
  abstract void log();

  /** How this process claims the instance with it. */
  abstract DaemonRecord record();

  /** Lets go of the flows, once the datapath has stopped. */
  final void closeFlows() {
    flows().close();
  }
}

package io.synlev.datapath;

import io.synlev.state.Backend;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntUnaryOperator;

/**
 * Takes packets from somewhere, asks a {@link BatchDecider} about them, and does what it says.
 *
 * <p>A life is: {@link #prepare} at most once, {@link #start} once, {@link #stop} once. Any thread
 * may call any method; calls of start and stop are serialized inside.
 */
public interface Datapath {

  /** A short name for logs and metrics, such as {@code nfqueue}. */
  String name();

  /**
   * Does all of {@link #start} that can fail or takes long. No packet is taken yet, so another
   * datapath may go on meanwhile. Need not be called. After a failure nothing is left open.
   *
   * @throws IOException with the value that was wrong and the remedy
   */
  default void prepare() throws IOException {
    // Nothing takes long.
  }

  /**
   * Whether the kernel gets copies of the packets that are taken. Then no other datapath may decide
   * about packets while this one does, or each would be forwarded twice.
   */
  default boolean leavesCopies() {
    return false;
  }

  /**
   * Binds and starts the workers; when it returns, packets are being decided. After a failure
   * nothing is left bound.
   *
   * @param onFailure told, on the worker's thread, when a worker ends for another reason than
   *     {@link #stop}; it must not call {@link #stop} on that thread
   * @throws IOException with the value that was wrong and the remedy
   * @throws IllegalStateException when it was started before
   */
  void start(Consumer<Throwable> onFailure) throws IOException;

  /** Takes no more packets and returns when every worker has ended. Does nothing when stopped. */
  void stop();

  /**
   * Stops, and tells on the way when the time has come for another datapath to go on.
   *
   * @param whenQuiet called once, on this thread, when no packet is taken any more and before
   *     devices are closed; at once when stopped before
   */
  default void stop(Runnable whenQuiet) {
    stop();
    whenQuiet.run();
  }

  /** What is in force, as names and values for people and logs; empty before the start. */
  Map<String, String> settings();

  /** A snapshot of every worker's counters, which only grow; still readable after the stop. */
  List<WorkerStatistics> statistics();

  /**
   * Takes a flow that somebody else has carried so far, between {@link #prepare} and {@link
   * #start}: its next packet follows it whatever the table says. One thread.
   *
   * @param flow copied; how long it was idle and how far it has come are taken over
   * @param hash of all of the flow, as {@link OwnFlows#find} gets it
   * @param backend its number, as {@link OwnFlows#add} gets it
   * @return whether it was taken; false if no flows are remembered
   */
  default boolean adopt(FlowRecord flow, int hash, long backend) {
    return false;
  }

  /**
   * The flows that it carries by itself, to be asked for after the start.
   *
   * @param marks the fwmark of a backend by its identity, as {@link
   *     io.synlev.state.PoolCursor#identity} has it; 0 for one that is gone
   * @return null if it remembers none
   */
  default FlowListing flowListing(IntUnaryOperator marks) {
    return null;
  }

  /**
   * Forgets what is remembered of a backend that is gone, and that no packet is given to any more.
   * Any thread, between start and stop.
   *
   * @param former as it was: its mark and addresses may be another's by now
   */
  default void forget(Backend former) {
    // Most remember nothing but what they find again in the tables in force.
  }
}

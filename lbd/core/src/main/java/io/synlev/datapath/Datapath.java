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
 * <p>A life is: {@link #start} once, {@link #stop} once. Any thread may call any method; calls of
 * start and stop are serialized inside.
 */
public interface Datapath {

  /** A short name for logs and metrics, such as {@code nfqueue}. */
  String name();

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

  /** What is in force, as names and values for people and logs; empty before the start. */
  Map<String, String> settings();

  /** A snapshot of every worker's counters, which only grow; still readable after the stop. */
  List<WorkerStatistics> statistics();

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

package io.synlev.lbd;

import io.synlev.netfilter.QueueOptions;
import io.synlev.state.DaemonRecord;
import io.synlev.state.StateDirectory;
import io.synlev.state.WorkerCounters;
import io.synlev.steering.SteeringOptions;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a daemon is asked to do.
 *
 * @param directory the instance
 * @param queues consecutive queues, at least one
 * @param fragments queues for fragments, or null
 * @param steering what happens to packets that get no backend
 * @param offload who carries established flows
 * @param datapath what carries the packets instead of NFQUEUE at first, or null
 * @param standby what can be switched to from NFQUEUE without saying more, or null
 */
record DaemonSettings(
    StateDirectory directory,
    List<QueueOptions> queues,
    FragmentSettings fragments,
    SteeringOptions steering,
    OffloadSettings offload,
    DatapathSettings datapath,
    DatapathSettings standby) {

  private static final int NO_QUEUE = -1;

  /** With NFQUEUE. */
  DaemonSettings(
      StateDirectory directory,
      List<QueueOptions> queues,
      FragmentSettings fragments,
      SteeringOptions steering,
      OffloadSettings offload) {
    this(directory, queues, fragments, steering, offload, null, null);
  }

  /**
   * Checks what queues have to do with each other.
   *
   * @throws IllegalArgumentException if they are too many, or one is in both lists
   */
  DaemonSettings {
    int all = queues.size() + (fragments == null ? 0 : fragments.queues().size());
    if (all > QueueRange.MOST) {
      throw new IllegalArgumentException(
          "%s are %d: one daemon serves up to %d"
              .formatted(
                  fragments == null
                      ? "queues " + range(queues)
                      : "queues " + range(queues) + " and " + range(fragments.queues()),
                  all,
                  QueueRange.MOST));
    }
    if (fragments != null
        && fragments.queues().getFirst().queue() <= queues.getLast().queue()
        && fragments.queues().getLast().queue() >= queues.getFirst().queue()) {
      throw new IllegalArgumentException(
          "fragment queues %s are among the queues %s: use other numbers"
              .formatted(range(fragments.queues()), range(queues)));
    }
  }

  /** As on the command line. */
  private static String range(List<QueueOptions> queues) {
    int first = queues.getFirst().queue();
    int last = queues.getLast().queue();
    return first == last ? String.valueOf(first) : first + ":" + last;
  }

  /**
   * For how many workers there is to be room: those of all queues, and behind them those of another
   * datapath.
   *
   * @throws IllegalArgumentException if the datapath is not there, its options are wrong, or they
   *     are too many
   */
  int workers() {
    return workersWith(datapath == null ? standby : datapath);
  }

  /**
   * As {@link #workers}, with another datapath.
   *
   * @param other null for none
   */
  int workersWith(DatapathSettings other) {
    int provided = other == null ? 0 : other.workers();
    int all = firstProvidedWorker() + provided;
    if (all > WorkerCounters.WORKERS) {
      throw new IllegalArgumentException(
          "%d queues and %d workers of %s: use fewer cores or queues, %d of both together"
              .formatted(firstProvidedWorker(), provided, other.name(), WorkerCounters.WORKERS));
    }
    return all;
  }

  /** The number of the first worker of a datapath that is not over queues. */
  int firstProvidedWorker() {
    return allQueues().size();
  }

  /** All queues, those for fragments last. */
  List<QueueOptions> allQueues() {
    return fragments == null
        ? queues
        : Stream.concat(queues.stream(), fragments.queues().stream()).toList();
  }

  /**
   * How this process claims the instance.
   *
   * @param isOverQueues whether it serves queues
   */
  DaemonRecord record(boolean isOverQueues) {
    return isOverQueues
        ? DaemonRecord.ofThisProcess(queues.getFirst().queue(), queues.getLast().queue())
        : DaemonRecord.ofThisProcess(NO_QUEUE, NO_QUEUE);
  }
}

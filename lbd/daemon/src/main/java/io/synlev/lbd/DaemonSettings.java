package io.synlev.lbd;

import io.synlev.netfilter.QueueOptions;
import io.synlev.state.StateDirectory;
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
 */
record DaemonSettings(
    StateDirectory directory,
    List<QueueOptions> queues,
    FragmentSettings fragments,
    SteeringOptions steering,
    OffloadSettings offload) {

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

  /** How many queues, and so threads, there are. */
  int workers() {
    return queues.size() + (fragments == null ? 0 : fragments.queues().size());
  }

  /** All queues, those for fragments last. */
  List<QueueOptions> allQueues() {
    return fragments == null
        ? queues
        : Stream.concat(queues.stream(), fragments.queues().stream()).toList();
  }

  int firstQueue() {
    return queues.getFirst().queue();
  }

  int lastQueue() {
    return queues.getLast().queue();
  }
}

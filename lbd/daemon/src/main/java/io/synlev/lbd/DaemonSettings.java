package io.synlev.lbd;

import io.synlev.netfilter.QueueOptions;
import io.synlev.state.StateDirectory;
import io.synlev.steering.SteeringOptions;
import java.util.List;

/**
 * What a daemon is asked to do.
 *
 * @param directory the instance
 * @param queues consecutive queues, at least one
 * @param steering what happens to packets that get no backend
 */
record DaemonSettings(
    StateDirectory directory, List<QueueOptions> queues, SteeringOptions steering) {

  int firstQueue() {
    return queues.getFirst().queue();
  }

  int lastQueue() {
    return queues.getLast().queue();
  }
}

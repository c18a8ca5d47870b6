package io.synlev.lbd;

import io.synlev.netfilter.QueueHolder;
import io.synlev.netfilter.QueueOptions;
import io.synlev.state.Instance;
import io.synlev.state.StateDirectory;
import io.synlev.state.StateException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Which of our own daemons holds the queue that we cannot have. For the message only; slow. */
final class QueueConflict {
  private QueueConflict() {}

  /** A better message than {@code refusal}, if one of the queues is held by a daemon of ours. */
  static IOException explain(IOException refusal, StateDirectory ours, List<QueueOptions> queues) {
    for (QueueOptions options : queues) {
      Optional<QueueHolder> holder = QueueHolder.of(options.queue());
      if (holder.isEmpty() || holder.get().pid() == ProcessHandle.current().pid()) {
        continue;
      }
      String instance = instanceOf(holder.get().pid(), ours);
      if (instance != null) {
        return new StartException(
            "queue "
                + options.queue()
                + " is held by lbd of instance '"
                + instance
                + "', pid "
                + holder.get().pid()
                + ": stop that one, or choose another --queue",
            refusal);
      }
    }
    return refusal;
  }

  private static String instanceOf(long pid, StateDirectory ours) {
    try {
      for (StateDirectory each : StateDirectory.all(ours.base())) {
        if (daemonOf(each) == pid) {
          return each.instance();
        }
      }
    } catch (StateException e) {
      // The refusal itself has to do.
    }
    return null;
  }

  private static long daemonOf(StateDirectory directory) {
    try (Instance instance = Instance.open(directory)) {
      return instance.daemon().pid();
    } catch (StateException unusable) {
      return -1;
    }
  }
}

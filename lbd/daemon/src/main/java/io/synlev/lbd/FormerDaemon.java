package io.synlev.lbd;

import io.synlev.control.ControlClient;
import io.synlev.control.ControlException;
import io.synlev.state.DaemonRecord;
import io.synlev.state.Instance;
import io.synlev.state.StateDirectory;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/**
 * The daemon that serves the instance before us.
 *
 * @param directory the instance's
 * @param record its claim
 */
record FormerDaemon(StateDirectory directory, DaemonRecord record) {
  /** Longer than any daemon of ours takes to end, or to give up ending; {@link Ending}. */
  private static final long PATIENCE_NANOS = 10_000_000_000L;

  private static final long TURN_NANOS = 2_000_000;

  /** The one that serves an instance; null if nobody does. */
  static FormerDaemon of(Instance instance) {
    DaemonRecord record = instance.daemon();
    return record.isAlive() ? new FormerDaemon(instance.directory(), record) : null;
  }

  long pid() {
    return record.pid();
  }

  /** What is wrong with taking over for another datapath. */
  StartException cannotBeFollowedBy(String datapath) {
    return new StartException(
        "instance '%s' is served by lbd with pid %d, and %s cannot take over: stop that one, then"
                .formatted(directory.instance(), pid(), datapath)
            + " start this one");
  }

  /**
   * Ends it: by its control socket, or with SIGTERM where that is not answered.
   *
   * @throws StartException if it does not end
   */
  void end() throws StartException {
    try {
      ControlClient.ask(directory, "stop", Map.of());
    } catch (ControlException e) {
      if (record.isAlive()) { // its number may be another's by now
        ProcessHandle.of(pid()).ifPresent(ProcessHandle::destroy);
      }
    }
    if (!isGoneWithin(PATIENCE_NANOS)) {
      throw new StartException(
          "lbd with pid "
              + pid()
              + " serves the instance and does not end: kill -9 "
              + pid()
              + ", then start this one again");
    }
  }

  /** Whether its process has ended, or does so soon. */
  boolean isGoneWithin(long nanos) {
    long deadline = System.nanoTime() + nanos;
    while (record.isAlive()) {
      if (System.nanoTime() - deadline >= 0) {
        return false;
      }
      LockSupport.parkNanos(TURN_NANOS);
    }
    return true;
  }
}

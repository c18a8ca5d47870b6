package io.synlev.magctl;

import io.synlev.control.ControlClient;
import io.synlev.control.ControlException;
import io.synlev.state.DaemonRecord;
import io.synlev.state.Instance;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * What the daemon says to a change of pools or services. The change itself is in force by then:
 * workers find it by themselves; asking only makes sure that they have.
 *
 * @param daemon who serves the instance, or none
 * @param generation the configuration that was published
 * @param problem why the daemon did not confirm it, or null
 */
record Confirmation(DaemonRecord daemon, long generation, String problem) {
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final long PAUSE_NANOS = 1_000_000;

  /** Asks the daemon to take the configuration in force over now. Does nothing if none runs. */
  static Confirmation ask(Instance instance) {
    DaemonRecord daemon = instance.daemon();
    long generation = instance.configurationGeneration();
    if (!daemon.isAlive()) {
      return new Confirmation(DaemonRecord.none(), generation, null);
    }
    String problem = null;
    try {
      ControlClient.ask(instance.directory(), "sync", Map.of());
    } catch (ControlException e) {
      // One that ended meanwhile has nothing to confirm any more.
      problem = daemon.isAlive() ? e.getMessage() : null;
    }
    return new Confirmation(daemon, generation, problem);
  }

  /**
   * Asks, and then waits until no worker looks at an older configuration or the daemon has ended,
   * at most 5 s.
   */
  static Confirmation askAndWait(Instance instance) {
    Confirmation asked = ask(instance);
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    while (asked.daemon.isAlive() && instance.seen() < asked.generation) {
      if (System.nanoTime() - deadline > 0) {
        return new Confirmation(
            asked.daemon,
            asked.generation,
            asked.problem != null ? asked.problem : "workers still use the former configuration");
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
    // Workers have moved on by themselves: that is what we wanted to know.
    return new Confirmation(asked.daemon, asked.generation, null);
  }

  /** A line for people; empty if no daemon runs. */
  String text() {
    return daemon.pid() == 0 || problem != null
        ? ""
        : "lbd (pid " + daemon.pid() + ") has taken it over\n";
  }

  /** For programs; null if no daemon runs. */
  Map<String, Object> json() {
    return daemon.pid() == 0
        ? null
        : Json.object(
            "pid", daemon.pid(), "configuration", generation, "confirmed", problem == null);
  }

  /** The command's exit code; says on stderr what is wrong. */
  int exitCode(Console console) {
    if (problem == null) {
      return Magctl.DONE;
    }
    console.error(
        "the change is made, but lbd with pid "
            + daemon.pid()
            + " did not confirm it: "
            + problem
            + "\nIt takes changes over by itself: 'magctl stats' shows whether it works; if not,"
            + " restart it.");
    return Magctl.FAILED;
  }
}

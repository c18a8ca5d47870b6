package io.synlev.magctl;

import io.synlev.state.DaemonRecord;
import io.synlev.state.Instance;
import io.synlev.state.StateDirectory;
import io.synlev.state.StateException;

/** Deletes a whole instance, for clean and delete --all. */
final class InstanceRemoval {
  private InstanceRemoval() {}

  /**
   * Deletes it.
   *
   * @param force also while a daemon serves it
   * @throws StateException if there is none, or a daemon serves it
   */
  static void run(InstanceCommand command, boolean force) {
    StateDirectory directory = command.directory();
    InstanceCommand.requireExists(directory);
    if (!force) {
      requireUnserved(directory);
    }
    Instance.delete(directory);
    if (command.json) {
      command.printJson(Json.object("instance", directory.instance(), "deleted", true));
    } else {
      command.println("instance " + directory.instance() + " is deleted");
    }
  }

  private static void requireUnserved(StateDirectory directory) {
    DaemonRecord daemon;
    try (Instance instance = Instance.open(directory)) {
      daemon = instance.daemon();
    } catch (StateException unusable) {
      // A damaged instance is deleted all the same: that is the remedy its errors name.
      return;
    }
    if (daemon.isAlive()) {
      throw new StateException(
          "instance '"
              + directory.instance()
              + "' is served by lbd with pid "
              + daemon.pid()
              + ": stop it first, or use --force");
    }
  }
}

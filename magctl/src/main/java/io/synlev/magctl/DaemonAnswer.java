package io.synlev.magctl;

import io.synlev.control.ControlClient;
import io.synlev.control.ControlException;
import io.synlev.state.Instance;
import java.util.Map;

/** What the daemon answers, for commands that cannot do without. */
final class DaemonAnswer {
  private DaemonAnswer() {}

  /**
   * Asks it.
   *
   * @throws io.synlev.state.StateException if none runs, or it refuses
   * @throws UsageException if the request names what is not there
   */
  static Map<?, ?> of(Instance instance, String method, Map<String, Object> request) {
    try {
      return (Map<?, ?>) ControlClient.ask(instance.directory(), method, request);
    } catch (ControlException e) {
      throw DaemonRefusal.of(e);
    }
  }
}

package io.synlev.magctl;

import io.synlev.control.ControlClient;
import io.synlev.control.ControlException;
import io.synlev.state.Backend;
import io.synlev.state.Instance;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What became of the flows of backends that were flushed. Only lbd can end them: they are in its
 * network namespace.
 *
 * @param flows how many were ended; null if that did not work
 * @param carrier who carried them, such as conntrack; null if that is not known
 * @param problem why it did not work, and what can be done instead; or null
 */
record EndedFlows(Long flows, String carrier, String problem) {

  /** Asks the daemon to end the flows of backends, which take no new ones by now. */
  static EndedFlows ask(Instance instance, String pool, List<String> backends) {
    if (!instance.daemon().isAlive()) {
      return failed(instance, pool, backends, "no lbd serves the instance");
    }
    try {
      Map<?, ?> answer =
          (Map<?, ?>)
              ControlClient.ask(
                  instance.directory(), "flows.end", Map.of("pool", pool, "backends", backends));
      return new EndedFlows(
          ((Number) answer.get("ended")).longValue(), answer.get("carrier").toString(), null);
    } catch (ControlException e) {
      return failed(instance, pool, backends, e.getMessage());
    }
  }

  private static EndedFlows failed(
      Instance instance, String pool, List<String> names, String problem) {
    List<String> commands = new ArrayList<>();
    for (Backend backend : instance.snapshot(pool).backends()) {
      if (names.contains(backend.name())) {
        commands.add(
            "conntrack -D --mark "
                + Text.hex(backend.fwmark())
                + '/'
                + Text.hex(instance.settings().markMask()));
      }
    }
    return new EndedFlows(
        null, null, problem + "\nWhere conntrack carries them: " + String.join("; ", commands));
  }

  /** A line for people; empty if it did not work. */
  String text() {
    if (problem != null) {
      return "";
    }
    return carrier.equals("none")
        ? "nobody carries flows here (lbd --offload none): there were none to end\n"
        : Text.plural(flows, "flow") + (flows == 1 ? " is" : " are") + " ended (" + carrier + ")\n";
  }

  /** The command's exit code; says on stderr what is wrong. */
  int exitCode(Console console) {
    if (problem == null) {
      return Magctl.DONE;
    }
    console.error("no new flows go there, but established ones were not ended: " + problem);
    return Magctl.FAILED;
  }
}

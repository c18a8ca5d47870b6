package io.synlev.magctl;

import io.synlev.control.ControlClient;
import io.synlev.control.ControlException;
import io.synlev.state.AdminState;
import io.synlev.state.Backend;
import io.synlev.state.Instance;
import io.synlev.state.StateException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Shows a drain until it is over. lbd does the work, and may be restarted meanwhile: whether a
 * backend still drains stands in shared memory, and only the numbers of flows are asked of lbd.
 */
final class DrainWatch {
  private static final long PAUSE_MILLIS = 200;
  private static final long SAY_AGAIN_MILLIS = 10_000;

  /** So long after the time is up an lbd that is being restarted is waited for. */
  private static final long GRACE_SECONDS = 10;

  /** How often lbd is asked for the outcome, which it tells right after it has made it. */
  private static final int MOST_QUESTIONS = 10;

  private final Console console;
  private final Instance instance;
  private final String pool;
  private final List<String> names;
  private final long untilSeconds;
  private final boolean json;
  private final Map<String, Object> lastFlows = new HashMap<>();
  private String lastLine = "";
  private long lastMillis;

  /**
   * Watches backends.
   *
   * @param untilSeconds the end that tells the drain from another one
   */
  DrainWatch(
      Console console,
      Instance instance,
      String pool,
      List<String> names,
      long untilSeconds,
      boolean json) {
    this.console = console;
    this.instance = instance;
    this.pool = pool;
    this.names = names;
    this.untilSeconds = untilSeconds;
    this.json = json;
  }

  /** Returns the exit code: 0 if all are inactive and no flow is left. */
  int run() {
    try (Interruption interruption = new Interruption()) {
      Map<String, Backend> backends = backends();
      while (isDraining(backends)) {
        show(backends, flows("drains"));
        if (!console.isFlushed()) {
          return Magctl.DONE;
        }
        if (interruption.isAsked(PAUSE_MILLIS)) {
          console.error(
              "the drain goes on: lbd ends it in "
                  + DrainTime.text(left())
                  + " at the latest; 'magctl activate "
                  + String.join(" ", names)
                  + " --pool "
                  + pool
                  + "' calls it off");
          return Magctl.FAILED;
        }
        if (isForsaken()) {
          console.error(
              "the time is up and no lbd serves the instance: the next one ends the drain");
          return Magctl.FAILED;
        }
        backends = backends();
      }
      return conclude(backends, outcome(backends, interruption));
    }
  }

  private Map<String, Backend> backends() {
    Map<String, Backend> backends = new LinkedHashMap<>();
    names.forEach(name -> backends.put(name, null));
    try {
      for (Backend backend : instance.snapshot(pool).backends()) {
        backends.computeIfPresent(backend.name(), (_, _) -> backend);
        backends.replace(backend.name(), backend);
      }
    } catch (StateException gone) {
      // The pool was deleted: its backends are gone.
    }
    return backends;
  }

  private boolean isDraining(Map<String, Backend> backends) {
    return backends.values().stream().anyMatch(this::isDraining);
  }

  private boolean isDraining(Backend backend) {
    return backend != null && backend.drainUntilSeconds() == untilSeconds;
  }

  private boolean isForsaken() {
    return System.currentTimeMillis() / 1000 - untilSeconds > GRACE_SECONDS
        && !instance.daemon().isAlive();
  }

  private long left() {
    return Math.max(0, untilSeconds - System.currentTimeMillis() / 1000);
  }

  /** What lbd says of our drains, by backend; empty if it does not answer. */
  private Map<String, Map<?, ?>> flows(String list) {
    Map<String, Map<?, ?>> flows = new HashMap<>();
    String until = Instant.ofEpochSecond(untilSeconds).toString();
    try {
      Map<?, ?> answer =
          (Map<?, ?>) ControlClient.ask(instance.directory(), "drain.status", Map.of());
      for (Object each : (List<?>) answer.get(list)) {
        Map<?, ?> drain = (Map<?, ?>) each;
        if (pool.equals(drain.get("pool")) && until.equals(drain.get("until"))) {
          flows.put(drain.get("backend").toString(), drain);
        }
      }
    } catch (ControlException away) {
      // Between two daemons, say: the next one will answer.
    }
    return flows;
  }

  /** Says what has changed, and now and then that nothing has. */
  private void show(Map<String, Backend> backends, Map<String, Map<?, ?>> flows) {
    List<String> parts = new ArrayList<>();
    List<Object> objects = new ArrayList<>();
    backends.forEach(
        (name, backend) -> {
          if (isDraining(backend)) {
            // Not asked for in vain: between two daemons the last number stands.
            if (flows.containsKey(name)) {
              lastFlows.put(name, flows.get(name).get("flows"));
            }
            Object left = lastFlows.get(name);
            parts.add(name + ": " + (left == null ? "not counted yet" : left(left)));
            objects.add(Json.object("backend", name, "flows", left));
          }
        });
    String line = String.join(", ", parts);
    long now = System.currentTimeMillis();
    if (!line.equals(lastLine) || now - lastMillis >= SAY_AGAIN_MILLIS) {
      lastLine = line;
      lastMillis = now;
      console.println(
          json
              ? Json.line(Json.object("draining", objects, "secondsLeft", left()))
              : line + "; " + DrainTime.text(left()) + " to go");
    }
  }

  private static String left(Object flows) {
    return Text.plural(((Number) flows).longValue(), "flow") + " left";
  }

  private Map<String, Map<?, ?>> outcome(Map<String, Backend> backends, Interruption interruption) {
    Map<String, Map<?, ?>> outcome = flows("ended");
    long inactive = backends.values().stream().filter(DrainWatch::isInactive).count();
    for (int i = 0; i < MOST_QUESTIONS && outcome.size() < inactive; i++) {
      if (interruption.isAsked(PAUSE_MILLIS)) {
        break;
      }
      outcome = flows("ended");
    }
    return outcome;
  }

  private static boolean isInactive(Backend backend) {
    return backend != null && backend.state() == AdminState.INACTIVE;
  }

  private int conclude(Map<String, Backend> backends, Map<String, Map<?, ?>> outcome) {
    boolean isDrained = true;
    List<Object> objects = new ArrayList<>();
    for (Map.Entry<String, Backend> each : backends.entrySet()) {
      Object flows =
          outcome.containsKey(each.getKey()) ? outcome.get(each.getKey()).get("flows") : null;
      boolean isEmpty = flows != null && ((Number) flows).longValue() == 0;
      isDrained &= isInactive(each.getValue()) && isEmpty;
      String state = each.getValue() == null ? "removed" : each.getValue().state().label();
      objects.add(Json.object("backend", each.getKey(), "state", state, "flows", flows));
      if (!json) {
        console.println(each.getKey() + " is " + state + fate(each, flows, isEmpty));
      }
    }
    if (json) {
      console.println(Json.line(Json.object("ended", objects, "drained", isDrained)));
    }
    return isDrained ? Magctl.DONE : Magctl.FAILED;
  }

  private String fate(Map.Entry<String, Backend> each, Object flows, boolean isEmpty) {
    if (!isInactive(each.getValue())) {
      return ": somebody has changed it meanwhile";
    }
    if (isEmpty) {
      return ": no flow is left";
    }
    return flows == null
        ? ": how many flows are left is not known"
        : ": its time is up, "
            + left(flows)
            + " ('magctl deactivate --flush "
            + each.getKey()
            + " --pool "
            + pool
            + "' ends them)";
  }
}

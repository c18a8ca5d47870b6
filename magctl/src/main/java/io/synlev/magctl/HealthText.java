package io.synlev.magctl;

import io.synlev.state.HealthCheck;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Health checks for people. */
final class HealthText {
  private static final int GREEN = 32;
  private static final int YELLOW = 33;
  private static final int RED = 31;

  private HealthText() {}

  /** A check on one line. */
  static String of(HealthCheck check) {
    return of(check.fields());
  }

  private static String of(Map<?, ?> fields) {
    Map<Object, Object> all = new LinkedHashMap<>(fields);
    all.putIfAbsent("via", HealthCheck.Via.FORWARDING.label());
    StringBuilder text = new StringBuilder();
    all.forEach(
        (field, value) -> {
          text.append(text.isEmpty() ? "" : ", ");
          text.append(field.equals("kind") ? "" : field + " ").append(value);
        });
    return text.toString();
  }

  /** Pools as the daemon reports them. */
  static String of(List<Map<?, ?>> pools, boolean isChecking, Console console) {
    StringBuilder text = new StringBuilder();
    if (pools.isEmpty()) {
      return "no pool is checked: 'magctl health set' begins it\n";
    }
    if (!isChecking) {
      text.append("no lbd serves the instance, so nobody is asked\n");
    }
    for (Map<?, ?> pool : pools) {
      text.append(text.isEmpty() ? "" : "\n").append("pool ").append(pool.get("pool"));
      text.append(": ").append(of((Map<?, ?>) pool.get("check"))).append('\n');
      if (Boolean.TRUE.equals(pool.get("allDown"))) {
        text.append("  no backend answers; the last in use stay: ");
        text.append(names((List<?>) pool.get("kept"))).append('\n');
      }
      text.append(backends((List<?>) pool.get("backends"), isChecking, console.colours()));
    }
    return text.toString();
  }

  private static String names(List<?> names) {
    return String.join(", ", names.stream().map(Object::toString).toList());
  }

  private static String backends(List<?> backends, boolean isChecking, boolean colours) {
    List<String[]> rows = new ArrayList<>();
    rows.add(
        isChecking
            ? new String[] {"BACKEND", "HEALTH", "SINCE", "LAST", "IN A ROW", "LATENCY", "ASKED"}
            : new String[] {"BACKEND", "HEALTH"});
    for (Object each : backends) {
      Map<?, ?> backend = (Map<?, ?>) each;
      String name = backend.get("backend").toString();
      String health = health(backend, colours);
      rows.add(
          isChecking
              ? new String[] {
                name,
                health,
                time(backend.get("since")),
                last(backend),
                Text.count(FlowsCommand.number(backend, "inARow")),
                latency(backend.get("latencyMicros")),
                asked(backend)
              }
              : new String[] {name, health});
    }
    return isChecking
        ? Text.table(rows, false, false, false, false, true, true, false)
        : Text.table(rows, false, false);
  }

  private static String health(Map<?, ?> backend, boolean colours) {
    String word = backend.get("health").toString();
    boolean isUp = word.equals("up");
    int colour = isUp ? GREEN : RED;
    long percent = FlowsCommand.number(backend, "weightPercent");
    if (Boolean.TRUE.equals(backend.get("kept"))) {
      word += ", kept";
      colour = YELLOW;
    } else if (isUp && percent < 100) {
      word += ", " + percent + " %";
      colour = YELLOW;
    }
    return colours ? Text.coloured(word, colour) : word;
  }

  private static String last(Map<?, ?> backend) {
    Object detail = backend.get("detail");
    return backend.get("last") + (detail == null ? "" : " (" + detail + ")");
  }

  /** To the second, in UTC. */
  private static String time(Object instant) {
    String text = instant.toString();
    return text.substring(0, Math.min(text.length(), 19)).replace('T', ' ');
  }

  private static String latency(Object micros) {
    return micros == null ? "-" : Text.count(((Number) micros).longValue()) + " us";
  }

  private static String asked(Map<?, ?> backend) {
    Object address = backend.get("address");
    long mark = FlowsCommand.number(backend, "fwmark");
    return address == null ? "-" : address + (mark == 0 ? "" : " mark " + mark);
  }
}

package io.synlev.health;

import io.synlev.state.Addresses;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What checks know, as members of JSON objects; docs/health.md has an example. */
final class HealthReport {
  private HealthReport() {}

  static List<Object> of(List<PoolChecks> pools) {
    List<Object> report = new ArrayList<>();
    for (PoolChecks pool : pools) {
      List<Object> backends = new ArrayList<>();
      for (Target target : pool.targets) {
        backends.add(of(pool, target));
      }
      List<String> kept = pool.kept();
      Map<String, Object> each = new LinkedHashMap<>();
      each.put("pool", pool.name);
      each.put("check", pool.check.fields());
      each.put("allDown", !kept.isEmpty());
      each.put("kept", kept);
      each.put("backends", backends);
      report.add(each);
    }
    return report;
  }

  private static Map<String, Object> of(PoolChecks pool, Target target) {
    Subject subject = target.subject;
    Outcome last = target.last;
    long lastMillis = target.lastMillis;
    int detail = target.lastDetail;
    int latency = target.latencyMicros;
    Map<String, Object> each = new LinkedHashMap<>();
    each.put("backend", target.name);
    each.put("health", target.health.label());
    each.put("since", Instant.ofEpochMilli(target.sinceMillis).toString());
    each.put("address", subject.address() == null ? null : Addresses.format(subject.address()));
    each.put("fwmark", Integer.toUnsignedLong(subject.mark()));
    each.put("last", last.label());
    each.put("detail", detail == 0 ? null : detail);
    each.put("meaning", last.sentence());
    each.put("lastTime", lastMillis == 0 ? null : Instant.ofEpochMilli(lastMillis).toString());
    each.put("inARow", target.alike);
    each.put("latencyMicros", latency < 0 ? null : latency);
    each.put("checks", target.checks);
    each.put("bad", target.failures);
    each.put("weightPercent", pool.ramp(target, System.nanoTime()));
    each.put("kept", target.isKept);
    return each;
  }
}

package io.synlev.lbd;

import io.synlev.control.Caller;
import io.synlev.health.HealthChecks;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** The method {@code health}. */
final class HealthMethod {
  private final HealthChecks health;

  HealthMethod(HealthChecks health) {
    this.health = health;
  }

  Object report(Caller caller, Map<String, Object> params) {
    ControlMethods.only(params, Set.of());
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("pools", health.report());
    report.put("counters", health.counters());
    return report;
  }
}

package io.synlev.health;

import io.synlev.state.Health;
import io.synlev.state.HealthCheck;
import java.util.List;

/**
 * What is to be checked, as it was at one moment. Immutable.
 *
 * @param pools those that have a check
 */
record Plan(List<PlannedPool> pools) {
  static final Plan EMPTY = new Plan(List.of());

  /**
   * A pool.
   *
   * @param generation the pool's when this was read
   */
  record PlannedPool(
      String name, HealthCheck check, long generation, List<PlannedBackend> backends) {}

  /**
   * A backend.
   *
   * @param health as published
   * @param ramp as published
   */
  record PlannedBackend(Subject subject, Health health, int ramp) {}
}

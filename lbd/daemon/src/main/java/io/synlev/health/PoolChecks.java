package io.synlev.health;

import io.synlev.state.Backend;
import io.synlev.state.Health;
import io.synlev.state.HealthCheck;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A pool whose backends are checked. The checks' thread changes it, the publisher looks at it. */
final class PoolChecks {
  private static final long MILLI = 1_000_000;

  final String name;
  volatile HealthCheck check;
  volatile List<Target> targets = List.of();

  /** Something is to be published; cleared by the publisher before it looks what. */
  volatile boolean isDirty;

  /** From before {@link #isDirty} is cleared until what was to be published is. */
  volatile boolean isPublishing;

  /** The last generation that we published. */
  volatile long published;

  PoolChecks(String name) {
    this.name = name;
  }

  /** Whether verdicts of ours are not in force yet. The checks' thread. */
  boolean isPending() {
    return isDirty
        || isPublishing; // in this order: the publisher sets the one before it clears the other
  }

  /** What its checks say now. Any thread. */
  Map<String, Selection.Verdict> verdicts(long nowNanos) {
    Map<String, Selection.Verdict> verdicts = new HashMap<>();
    for (Target target : targets) {
      verdicts.put(target.name, new Selection.Verdict(target.health, ramp(target, nowNanos)));
    }
    return verdicts;
  }

  /** Its targets by their names. */
  Map<String, Target> byName() {
    Map<String, Target> byName = new HashMap<>();
    targets.forEach(target -> byName.put(target.name, target));
    return byName;
  }

  /** How much of its weight a target has, in percent. */
  int ramp(Target target, long nowNanos) {
    return target.isRamping && target.health == Health.UP
        ? SlowStart.percent((nowNanos - target.rampBegin) / MILLI, check.slowStartMillis())
        : Backend.WHOLE;
  }

  /** Whether a target has not all of its weight yet. */
  boolean isRamping() {
    for (Target target : targets) {
      if (target.isRamping) {
        return true;
      }
    }
    return false;
  }

  /** Names of those that are in use although they do not answer. */
  List<String> kept() {
    List<String> kept = new ArrayList<>();
    for (Target target : targets) {
      if (target.isKept) {
        kept.add(target.name);
      }
    }
    return kept;
  }
}

package io.synlev.health;

import io.synlev.state.Backend;
import io.synlev.state.Health;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which backends of a pool are in use after what checks found. Pure.
 *
 * @param backends as they shall be published
 * @param kept names of those that do not answer and stay in use, since no other does
 */
record Selection(List<Backend> backends, Set<String> kept) {

  /**
   * What a check says of a backend.
   *
   * @param ramp the percent of its weight that it has if it is up
   */
  record Verdict(Health health, int ramp) {}

  /**
   * Applies verdicts.
   *
   * @param before as they are; one without a verdict stays as it is
   * @param isKeeping whether those in use stay in use when nobody would be left
   */
  static Selection of(List<Backend> before, Map<String, Verdict> verdicts, boolean isKeeping) {
    List<Backend> after = new ArrayList<>();
    for (Backend backend : before) {
      Verdict verdict = verdicts.get(backend.name());
      after.add(verdict == null ? backend : backend.with(verdict.health, verdict.ramp));
    }
    Set<String> kept = new HashSet<>();
    if (isKeeping && after.stream().noneMatch(Backend::takesNewFlows)) {
      for (int i = 0; i < after.size(); i++) {
        if (before.get(i).takesNewFlows()) {
          kept.add(before.get(i).name());
          after.set(i, before.get(i));
        }
      }
    }
    return new Selection(after, kept);
  }
}

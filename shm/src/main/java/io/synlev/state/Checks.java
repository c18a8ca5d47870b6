package io.synlev.state;

import io.synlev.state.Configuration.PoolFile;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What must hold of an instance as a whole before a change is published. */
final class Checks {
  private Checks() {}

  /** Names and marks stand once in a pool. */
  static void unique(String pool, List<Backend> backends) {
    Set<String> names = new HashSet<>();
    Set<Integer> marks = new HashSet<>();
    for (Backend backend : backends) {
      if (!names.add(backend.name())) {
        throw new StateException(
            "pool '%s' has a backend '%s' already: choose another name, or 'backend set' it"
                .formatted(pool, backend.name()));
      }
      if (!marks.add(backend.fwmark())) {
        throw new StateException(
            "fwmark %s of backend '%s' is taken in pool '%s': choose another"
                .formatted(Integer.toUnsignedString(backend.fwmark()), backend.name(), pool));
      }
    }
  }

  /**
   * New marks fit the mask and are taken by no other pool.
   *
   * @param before what the pool had, which needs no check
   */
  static void marks(
      InstanceSettings settings,
      Configuration configuration,
      PoolSet pools,
      String pool,
      List<Backend> before,
      List<Backend> after) {
    Map<Integer, Backend> fresh = new HashMap<>();
    for (Backend backend : after) {
      fresh.put(backend.fwmark(), backend);
    }
    for (Backend backend : before) {
      fresh.remove(backend.fwmark());
    }
    for (int mark : fresh.keySet()) {
      settings.checkMark(mark);
    }
    if (fresh.isEmpty()) {
      return;
    }
    for (PoolFile other : configuration.pools()) {
      if (!other.name().equals(pool)) {
        for (Backend taken : pools.get(other.name()).backends()) {
          if (fresh.containsKey(taken.fwmark())) {
            throw new StateException(
                "fwmark %s is taken by backend '%s' of pool '%s': choose another"
                    .formatted(
                        Integer.toUnsignedString(taken.fwmark()), taken.name(), other.name()));
          }
        }
      }
    }
  }

  static StateException unknownPool(String name, Configuration configuration) {
    StringBuilder known = new StringBuilder();
    for (PoolFile pool : configuration.pools()) {
      known.append(known.isEmpty() ? "there are [" : ", ").append(pool.name());
    }
    return new StateException(
        "there is no pool '"
            + name
            + "': "
            + (known.isEmpty() ? "there is none at all" : known.append(']')));
  }
}

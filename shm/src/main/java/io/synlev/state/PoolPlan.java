package io.synlev.state;

import io.synlev.hash.Seed;
import io.synlev.maglev.MaglevTable;
import io.synlev.maglev.NameOrder;
import io.synlev.maglev.Permutation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** What a writer computes before it publishes: which index a backend has, and the table. Pure. */
final class PoolPlan {
  private PoolPlan() {}

  /**
   * Gives each backend its place: the index it had, or the lowest free one.
   *
   * @throws StateException if there are more than fit
   */
  static Backend[] place(PoolSettings settings, Backend[] before, List<Backend> after) {
    if (after.size() > settings.capacity()) {
      throw new StateException(
          "pool '%s' has room for %d backends, not for %d: remove some, or create a larger pool"
              .formatted(settings.name(), settings.capacity(), after.size()));
    }
    Map<String, Integer> places = new HashMap<>();
    for (int i = 0; i < before.length; i++) {
      if (before[i] != null) {
        places.put(before[i].name(), i);
      }
    }
    Backend[] placed = new Backend[settings.capacity()];
    List<Backend> fresh = new ArrayList<>();
    for (Backend backend : after) {
      Integer place = places.get(backend.name());
      if (place == null) {
        fresh.add(backend);
      } else if (placed[place] != null) {
        throw new StateException("backend '" + backend.name() + "' stands twice in one pool");
      } else {
        placed[place] = backend;
      }
    }
    int free = 0;
    for (Backend backend : fresh) {
      while (placed[free] != null) {
        free++;
      }
      placed[free] = backend;
    }
    return placed;
  }

  /**
   * The table over backends by index: those that take new flows, in name order.
   *
   * @param backends null where an index is free
   */
  static char[] buildTable(PoolSettings settings, Seed seed, Backend[] backends) {
    Integer[] turns = turns(backends);
    char[] table =
        settings.policy() == Policy.MAGLEV
            ? maglev(settings, seed, backends, turns)
            : modulo(settings, turns.length);
    for (int slot = 0; slot < table.length; slot++) {
      if (table[slot] != MaglevTable.NO_BACKEND) {
        table[slot] = (char) turns[table[slot]].intValue();
      }
    }
    return table;
  }

  private static Integer[] turns(Backend[] backends) {
    return IntStream.range(0, backends.length)
        .filter(i -> backends[i] != null && backends[i].takesNewFlows())
        .boxed()
        .sorted(Comparator.comparing(i -> backends[i].name(), NameOrder.INSTANCE))
        .toArray(Integer[]::new);
  }

  private static char[] maglev(
      PoolSettings settings, Seed seed, Backend[] backends, Integer[] turns) {
    Permutation[] permutations = new Permutation[turns.length];
    int[] weights = new int[turns.length];
    for (int turn = 0; turn < turns.length; turn++) {
      Backend backend = backends[turns[turn]];
      permutations[turn] = Permutation.of(backend.name(), seed, settings.slots());
      weights[turn] = backend.weight();
    }
    return MaglevTable.build(settings.slots(), permutations, weights);
  }

  private static char[] modulo(PoolSettings settings, int backends) {
    char[] table = new char[settings.slots()];
    for (int slot = 0; slot < table.length; slot++) {
      table[slot] = backends == 0 ? MaglevTable.NO_BACKEND : (char) (slot % backends);
    }
    return table;
  }
}

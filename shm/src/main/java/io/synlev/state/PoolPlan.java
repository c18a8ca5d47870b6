package io.synlev.state;

import io.synlev.hash.Seed;
import io.synlev.maglev.MaglevTable;
import io.synlev.maglev.NameOrder;
import io.synlev.maglev.Permutation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/** What a writer computes before it publishes: which index a backend has, and the table. Pure. */
final class PoolPlan {
  private PoolPlan() {}

  /**
   * Gives each backend its place: the index it had, otherwise the lowest index that was free
   * before, otherwise the lowest one that this change makes free.
   *
   * <p>An index may so name one backend in generation g and another in g + 1. That is safe for
   * whoever reads both through one generation slot, since table, marks and records of a slot are
   * published together and a batch that saw two generations is decided again. It is not safe to
   * keep an index beyond that: who does, keeps the generation with it, and where the cursor's
   * generation is another one, the pair names nobody any more (look the flow up again, or keep the
   * fwmark, which people gave). Packets that a worker counts while an index changes hands may count
   * for either backend.
   *
   * @param before by index, null where free
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
    int left = fill(placed, before, fresh, 0);
    fill(placed, placed, fresh, left);
    return placed;
  }

  /** Puts backends where both arrays are free; returns the first that found no place. */
  private static int fill(Backend[] placed, Backend[] taken, List<Backend> fresh, int from) {
    int next = from;
    for (int i = 0; i < placed.length && next < fresh.size(); i++) {
      if (placed[i] == null && taken[i] == null) {
        placed[i] = fresh.get(next++);
      }
    }
    return next;
  }

  /**
   * The table over backends by index: those that take new flows, in name order.
   *
   * @param backends null where an index is free
   */
  static char[] buildTable(PoolSettings settings, Seed seed, Backend[] backends) {
    int[] turns = turns(backends);
    char[] table =
        switch (settings.policy()) {
          case MAGLEV, LEAST_CONNECTIONS -> maglev(settings, seed, backends, turns);
          case MODULO -> modulo(settings, turns.length);
          case ROUND_ROBIN -> roundRobin(settings, backends, turns);
        };
    for (int slot = 0; slot < table.length; slot++) {
      if (table[slot] != MaglevTable.NO_BACKEND) {
        table[slot] = (char) turns[table[slot]];
      }
    }
    return table;
  }

  /** The indices of the backends that take new flows, in the order of their names. */
  private static int[] turns(Backend[] backends) {
    List<Integer> order = new ArrayList<>(backends.length);
    for (int i = 0; i < backends.length; i++) {
      if (backends[i] != null && backends[i].takesNewFlows()) {
        order.add(i);
      }
    }
    order.sort((a, b) -> NameOrder.INSTANCE.compare(backends[a].name(), backends[b].name()));
    int[] turns = new int[order.size()];
    for (int turn = 0; turn < turns.length; turn++) {
      turns[turn] = order.get(turn);
    }
    return turns;
  }

  private static char[] maglev(PoolSettings settings, Seed seed, Backend[] backends, int[] turns) {
    Permutation[] permutations = new Permutation[turns.length];
    int[] weights = new int[turns.length];
    boolean isWhole = true;
    for (int turn : turns) {
      isWhole &= backends[turn].ramp() == Backend.WHOLE;
    }
    for (int turn = 0; turn < turns.length; turn++) {
      Backend backend = backends[turns[turn]];
      permutations[turn] = Permutation.of(backend.name(), seed, settings.slots());
      // In percent only while somebody starts slowly: tables depend on what they are made of alone.
      weights[turn] = isWhole ? backend.weight() : backend.weight() * backend.ramp();
    }
    return MaglevTable.build(settings.slots(), permutations, weights);
  }

  /** Every backend's turns lie as far apart as they can: who is due first takes the next slot. */
  private static char[] roundRobin(PoolSettings settings, Backend[] backends, int[] turns) {
    record Due(double at, int turn) {}
    char[] table = new char[settings.slots()];
    Arrays.fill(table, MaglevTable.NO_BACKEND);
    PriorityQueue<Due> due =
        new PriorityQueue<>(Comparator.comparingDouble(Due::at).thenComparingInt(Due::turn));
    for (int turn = 0; turn < turns.length; turn++) {
      due.add(new Due(0.5 / backends[turns[turn]].weight(), turn));
    }
    for (int slot = 0; slot < table.length && !due.isEmpty(); slot++) {
      Due next = due.remove();
      table[slot] = (char) next.turn;
      due.add(new Due(next.at + 1.0 / backends[turns[next.turn]].weight(), next.turn));
    }
    return table;
  }

  private static char[] modulo(PoolSettings settings, int backends) {
    char[] table = new char[settings.slots()];
    for (int slot = 0; slot < table.length; slot++) {
      table[slot] = backends == 0 ? MaglevTable.NO_BACKEND : (char) (slot % backends);
    }
    return table;
  }
}

package io.synlev.magctl;

import io.synlev.state.Backend;
import io.synlev.state.Instance;
import io.synlev.state.PoolSnapshot;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A change of a pool's backends, and what came of it.
 *
 * @param before the generation that was in force until then
 * @param after the generation in force now
 */
record StateChange(PoolSnapshot before, PoolSnapshot after) {

  static StateChange apply(Instance instance, String pool, UnaryOperator<List<Backend>> change) {
    PoolCommand.requirePool(instance, pool);
    PoolSnapshot[] before = new PoolSnapshot[1];
    PoolSnapshot after =
        instance.updatePool(
            pool,
            backends -> {
              // Under the writer's lock, so that nobody else's change is taken for ours.
              before[0] = instance.snapshot(pool);
              return change.apply(backends);
            });
    return new StateChange(before[0], after);
  }

  boolean changed() {
    return before.generation() != after.generation();
  }

  /** How many slots go to another backend now. */
  int movedSlots() {
    int moved = 0;
    char[] was = before.table();
    char[] is = after.table();
    for (int slot = 0; slot < is.length; slot++) {
      if (was[slot] != is[slot]) {
        moved++;
      }
    }
    return moved;
  }

  /** Such as {@code generation 4, 19 of 97 slots moved}. */
  String summary() {
    if (!changed()) {
      return "generation " + after.generation() + " stays in force";
    }
    return "generation "
        + after.generation()
        + ", "
        + Text.count(movedSlots())
        + " of "
        + Text.plural(after.table().length, "slot")
        + " moved";
  }
}

package io.synlev.magctl;

import io.synlev.state.Backend;
import io.synlev.state.Instance;
import io.synlev.state.PoolSnapshot;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/** The fwmarks within the mask that no backend has, lowest first. */
final class FreeMarks {
  private final int mask;
  private final Set<Integer> taken = new HashSet<>();
  private int last;

  /**
   * Looks at all pools of an instance.
   *
   * @param first the lowest mark to give out
   */
  FreeMarks(Instance instance, int first) {
    this.mask = instance.settings().markMask();
    this.last = first - 1;
    for (String pool : PoolCommand.poolNames(instance.configuration())) {
      PoolSnapshot snapshot = instance.snapshot(pool);
      for (Backend backend : snapshot.backends()) {
        taken.add(backend.fwmark());
      }
    }
  }

  /** Whether a mark can be given to a backend at all. */
  boolean fits(int mark) {
    return mark != 0 && (mark & ~mask) == 0;
  }

  /** Gives marks out, taken or not. */
  void take(Collection<Integer> marks) {
    taken.addAll(marks);
  }

  /** The next free mark, or 0 if there is none. */
  int next() {
    do {
      last = successor(last);
    } while (last != 0 && taken.contains(last));
    return last;
  }

  /** The next larger number whose bits all lie in the mask; 0 behind the largest. */
  private int successor(int mark) {
    // With the bits outside the mask set, an addition of one carries over them.
    return ((mark | ~mask) + 1) & mask;
  }
}

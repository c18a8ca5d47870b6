package io.synlev.state;

import java.util.ArrayList;
import java.util.List;

/**
 * Pools in which every look-up tells whether it is torn: all that generation g holds follows from
 * g.
 *
 * <p>The pool counts round its active backends ({@link Policy#MODULO}), of which generation g has
 * {@code 3 + g % 7}, new ones each time, with the marks {@code g << 13 | turn + 1}. So the backend
 * of a slot must have the mark {@code g << 13 | slot % (3 + g % 7) + 1}: an index from one
 * generation with a mark from another shows. Besides there are backends that take no flows and make
 * the fill long.
 */
final class Stamps {
  static final String POOL = "p";
  static final int MARK_MASK = 0x7fff_ffff;

  private static final int SLOTS = 9973;

  /** Many free records: to write them takes longer than all the rest, so a kill often hits that. */
  private static final int CAPACITY = 8000;

  private static final int PASSIVE_MARK = 0x4000_0000;
  private static final int TURN_BITS = 13;
  private static final int STAMP_MASK = 0xffff;

  private Stamps() {}

  static PoolSettings settings() {
    return new PoolSettings(POOL, SLOTS, CAPACITY, Policy.MODULO, HashOn.TUPLE, 0);
  }

  /** The backends of a generation. */
  static List<Backend> backends(long generation) {
    List<Backend> backends = new ArrayList<>();
    for (int turn = 0; turn < active(generation); turn++) {
      backends.add(Backend.of("g" + stamp(generation) + "-" + turn, mark(generation, turn)));
    }
    backends.add(Backend.of("passive", PASSIVE_MARK).with(AdminState.INACTIVE));
    return backends;
  }

  private static int stamp(long generation) {
    return (int) generation & STAMP_MASK;
  }

  private static int active(long generation) {
    return 3 + (int) (generation % 7);
  }

  private static int mark(long generation, int turn) {
    return stamp(generation) << TURN_BITS | turn + 1;
  }

  /** The mark that a slot must lead to. */
  static int expectedMark(long generation, int slot) {
    return mark(generation, slot % active(generation));
  }

  /** Whether a snapshot is all of one generation. */
  static boolean isWhole(PoolSnapshot snapshot) {
    long generation = snapshot.generation();
    if (snapshot.members().size() != active(generation) + 1) {
      return false;
    }
    int[] marks = new int[CAPACITY];
    for (PoolSnapshot.Member member : snapshot.members()) {
      marks[member.index()] = member.backend().fwmark();
    }
    for (int slot = 0; slot < SLOTS; slot++) {
      if (marks[snapshot.table()[slot]] != expectedMark(generation, slot)) {
        return false;
      }
    }
    return true;
  }

  /** Services of a configuration generation: their number and names follow from it. */
  static List<Service> services(long generation) {
    List<Service> services = new ArrayList<>();
    for (int i = 0; i <= generation % 5; i++) {
      services.add(
          new Service(
              "v" + generation + "-" + i, POOL, List.of(Prefix.parse("10.0.0." + i + "/32"))));
    }
    return services;
  }

  /** Whether a configuration is all of one generation; the first one has no services. */
  static boolean isWhole(Configuration configuration) {
    return configuration.services().isEmpty() && configuration.generation() <= 1
        || configuration.services().equals(services(configuration.generation()));
  }
}

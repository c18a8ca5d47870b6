package io.synlev.state;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.hash.Seed;
import io.synlev.maglev.MaglevTable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PoolPlanTest {
  private static final Seed SEED = new Seed(11, 12);
  private static final PoolSettings POOL =
      new PoolSettings("p", 997, 20, Policy.MAGLEV, HashOn.TUPLE, 0);

  private static List<Backend> backends(int... numbers) {
    List<Backend> backends = new ArrayList<>();
    for (int number : numbers) {
      backends.add(Backend.of("s" + number, number));
    }
    return backends;
  }

  private static Backend[] place(Backend[] before, List<Backend> after) {
    return PoolPlan.place(POOL, before, after);
  }

  private static String[] names(Backend[] placed) {
    String[] names = new String[placed.length];
    for (int i = 0; i < placed.length; i++) {
      names[i] = placed[i] == null ? null : placed[i].name();
    }
    return names;
  }

  private static String[] byName(PoolSettings pool, Backend[] placed) {
    char[] table = PoolPlan.buildTable(pool, SEED, placed);
    String[] names = new String[table.length];
    for (int slot = 0; slot < table.length; slot++) {
      names[slot] = table[slot] == MaglevTable.NO_BACKEND ? null : placed[table[slot]].name();
    }
    return names;
  }

  @Test
  void shouldFillTheSameTableWhateverTheHistory() {
    Random random = new Random(1);
    List<Backend> wanted = backends(1, 2, 3, 5, 8, 13, 10, 11);
    String[] expected = byName(POOL, place(new Backend[20], wanted));
    for (int history = 0; history < 50; history++) {
      Backend[] placed = new Backend[20];
      for (int step = random.nextInt(5); step > 0; step--) {
        List<Backend> some = backends(random.ints(1, 30).distinct().limit(12).toArray());
        placed = place(placed, some);
      }
      List<Backend> shuffled = new ArrayList<>(wanted);
      Collections.shuffle(shuffled, random);
      placed = place(placed, shuffled);
      assertArrayEquals(expected, byName(POOL, placed), Arrays.toString(names(placed)));
    }
  }

  @Test
  void shouldLeaveABackendItsIndexForLife() {
    Backend[] first = place(new Backend[20], backends(1, 2, 3, 4));
    Backend[] second = place(first, backends(9, 4, 2));
    assertEquals("s2", second[1].name());
    assertEquals("s4", second[3].name());
  }

  @Test
  void shouldReuseAnIndexOfTheSameChangeLast() {
    Backend[] first = place(new Backend[20], backends(1, 2, 3, 4));
    Backend[] second = place(first, backends(5, 2, 3, 4));
    assertEquals("s5", second[4].name());
    assertEquals(null, second[0]);
    assertEquals("s6", place(second, backends(5, 2, 3, 4, 6))[0].name());

    PoolSettings small = new PoolSettings("p", 997, 2, Policy.MAGLEV, HashOn.TUPLE, 0);
    Backend[] full = PoolPlan.place(small, new Backend[2], backends(1, 2));
    assertArrayEquals(
        new String[] {"s3", "s2"}, names(PoolPlan.place(small, full, backends(3, 2))));
  }

  @Test
  void shouldSayWhenThereIsNoRoom() {
    PoolSettings small = new PoolSettings("p", 997, 2, Policy.MAGLEV, HashOn.TUPLE, 0);
    String message =
        assertThrows(
                StateException.class,
                () -> PoolPlan.place(small, new Backend[2], backends(1, 2, 3)))
            .getMessage();
    assertTrue(message.contains("room for 2 backends, not for 3: remove some"), message);
  }

  @Test
  void shouldGiveSlotsOnlyToThoseThatTakeNewFlows() {
    List<Backend> backends = backends(1, 2, 3, 4, 5);
    Backend two = backends.get(1);
    backends.set(0, backends.get(0).with(AdminState.INACTIVE));
    backends.set(
        1, new Backend("s2", 2, 0, two.state(), two.health(), null, null, null)); // weight 0
    backends.set(2, backends.get(2).with(AdminState.DRAINING));
    backends.set(3, new Backend("s4", 4, 1, AdminState.ACTIVE, Health.DOWN, null, null, null));
    for (Policy policy : Policy.values()) {
      PoolSettings pool = new PoolSettings("p", 97, 20, policy, HashOn.TUPLE, 0);
      String[] table = byName(pool, place(new Backend[20], backends));
      String[] expected = new String[97];
      Arrays.fill(expected, "s5");
      assertArrayEquals(expected, table);
    }
  }

  @Test
  void shouldCountRoundTheBackendsWhenAskedForModulo() {
    PoolSettings pool = new PoolSettings("p", 7, 20, Policy.MODULO, HashOn.TUPLE, 0);
    assertArrayEquals(
        new String[] {"s2", "s9", "s10", "s2", "s9", "s10", "s2"},
        byName(pool, place(new Backend[20], backends(10, 9, 2))));
    assertArrayEquals(new String[7], byName(pool, new Backend[20]));
  }
}

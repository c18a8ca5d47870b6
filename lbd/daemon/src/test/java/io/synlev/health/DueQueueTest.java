package io.synlev.health;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.synlev.state.Health;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DueQueueTest {
  /** A list that is searched from end to end says which is first. */
  @Test
  void shouldAlwaysHaveTheOneFirstThatIsDueFirst() {
    Random random = new Random(5);
    DueQueue queue = new DueQueue();
    List<Target> in = new ArrayList<>();
    List<Target> out = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      out.add(new Target("t" + i, Health.UP));
    }
    // Unique, and across the point where the clock's number becomes negative.
    List<Long> used = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      boolean isMore = random.nextInt(3) > 0;
      if (isMore) {
        long due = Long.MAX_VALUE - 10_000 + i + (long) random.nextInt(20_000) * 100_000;
        used.add(due);
        List<Target> from = !in.isEmpty() && random.nextBoolean() || out.isEmpty() ? in : out;
        Target target = from.remove(random.nextInt(from.size()));
        queue.set(target, due);
        in.add(target);
      } else if (!in.isEmpty()) {
        Target target = in.remove(random.nextInt(in.size()));
        queue.remove(target);
        out.add(target);
      }
      Target first = null;
      for (Target each : in) {
        first = first == null || each.due - first.due < 0 ? each : first;
      }
      assertSame(first, queue.first());
    }
    assertEquals(used.size(), used.stream().distinct().count());
  }
}

package io.synlev.state;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.synlev.hash.Seed;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PoolCursorTest {
  private static final Seed SEED = new Seed(1, 2);
  private static final List<Backend> OTHERS = List.of(Backend.of("s2", 2));

  @TempDir Path base;
  private Instance instance;
  private Pool pool;
  private PoolCursor cursor;

  @BeforeEach
  void create() {
    StateDirectory directory = new StateDirectory(base.resolve("state"), "test");
    instance = Instance.create(directory, new InstanceSettings(SEED, 0xffff));
    pool =
        instance.createPool(
            new PoolSettings("web", 97, 10, Policy.MAGLEV, HashOn.TUPLE, 0),
            List.of(Backend.of("s1", 1)));
    cursor = pool.cursor(0);
  }

  @AfterEach
  void close() {
    instance.close();
  }

  @Test
  void shouldSeeAGenerationThatIsPublishedAfterALookUnderTheEpochOfTheChange() {
    long odd = instance.epoch() + 1;
    pool.publish(SEED, before -> OTHERS, () -> cursor.refresh(odd), () -> {});
    cursor.refresh(odd + 1);
    assertEquals(1, cursor.generation());
  }

  @Test
  void shouldSeeAGenerationWhoseWriterWasKilledRightAfterPublishing() {
    long odd = instance.epoch() + 1;
    pool.publish(SEED, before -> OTHERS, () -> cursor.refresh(odd), () -> {});
    cursor.refresh(odd);
    assertEquals(1, cursor.generation());
  }

  @Test
  void shouldLeaveTheEpochEvenAfterEveryChange() {
    long before = instance.epoch();
    assertEquals(0, before & 1);
    instance.updatePool("web", backends -> OTHERS);
    assertEquals(before + 2, instance.epoch());
    instance.updateServices(
        services -> List.of(new Service("www", "web", List.of(Prefix.parse("10.0.0.0/32")))));
    assertEquals(before + 4, instance.epoch());
  }
}

package io.synlev.lbd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.datapath.CarriedFlows;
import io.synlev.hash.Seed;
import io.synlev.state.AdminState;
import io.synlev.state.Backend;
import io.synlev.state.HashOn;
import io.synlev.state.Health;
import io.synlev.state.Instance;
import io.synlev.state.InstanceSettings;
import io.synlev.state.Policy;
import io.synlev.state.PoolSettings;
import io.synlev.state.StateDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Time is the test's own: the first look is at second 1000, and drains end at second 1010. */
class DrainsTest {
  private static final long END = 1010;

  @TempDir Path temporary;
  private final Map<Integer, Long> left = new HashMap<>();
  private Instance instance;
  private Drains drains;
  private int counts;
  private double now;
  private double secondsToCount;
  private boolean isBroken;
  private int defects;

  @BeforeEach
  void create() {
    instance =
        Instance.create(
            new StateDirectory(temporary.resolve("state"), "test"),
            new InstanceSettings(new Seed(1, 2), 0xffff));
    for (String pool : List.of("web", "db")) {
      int mark = pool.equals("web") ? 1 : 11;
      instance.createPool(
          new PoolSettings(pool, 97, 10, Policy.MAGLEV, HashOn.TUPLE, 0),
          List.of(Backend.of("a", mark), Backend.of("b", mark + 1)));
    }
    drains = restarted();
  }

  @AfterEach
  void close() {
    instance.close();
  }

  /** A daemon that knows nothing but what stands in shared memory. */
  private Drains restarted() {
    return new Drains(
        instance,
        new CarriedFlows() {
          @Override
          public String carrier() {
            return "test";
          }

          @Override
          public long[] count(int... marks) throws IOException {
            counts++;
            now += secondsToCount;
            if (counts <= defects) {
              throw new IllegalStateException("a defect");
            }
            if (isBroken) {
              throw new IOException("no such thing");
            }
            long[] flows = new long[marks.length];
            for (int i = 0; i < marks.length; i++) {
              flows[i] = left.getOrDefault(marks[i], 0L);
            }
            return flows;
          }

          @Override
          public long end(int... marks) {
            throw new UnsupportedOperationException();
          }
        },
        () -> (long) (now * 1e9),
        () -> (long) (now * 1e3));
  }

  private void change(String pool, String name, UnaryOperator<Backend> change) {
    instance.updatePool(
        pool,
        backends ->
            backends.stream()
                .map(each -> each.name().equals(name) ? change.apply(each) : each)
                .toList());
  }

  private void drain(String pool, String name) {
    change(pool, name, backend -> backend.drainingUntil(END));
  }

  private void lookAt(double second) {
    now = second;
    drains.look();
  }

  private AdminState state(String pool, String name) {
    return instance.snapshot(pool).backends().stream()
        .filter(backend -> backend.name().equals(name))
        .findFirst()
        .orElseThrow()
        .state();
  }

  @SuppressWarnings("unchecked")
  private List<Map<String, Object>> reported(String list) {
    return new ArrayList<>((List<Map<String, Object>>) drains.report().get(list));
  }

  @Test
  void shouldMakeABackendInactiveWhenItsLastFlowHasEnded() {
    drain("web", "a");
    left.put(1, 2L);
    lookAt(1000);
    assertEquals(2L, reported("drains").getFirst().get("flows"));
    left.put(1, 1L);
    lookAt(1001);
    assertEquals(1L, reported("drains").getFirst().get("flows"));
    assertEquals(AdminState.DRAINING, state("web", "a"));
    left.clear();
    lookAt(1002);
    assertEquals(AdminState.INACTIVE, state("web", "a"));
    assertEquals(AdminState.ACTIVE, state("web", "b"));
    assertEquals(
        Map.of(
            "pool",
            "web",
            "backend",
            "a",
            "fwmark",
            1,
            "until",
            "1970-01-01T00:16:50Z",
            "flows",
            0L,
            "timeUp",
            false),
        reported("ended").getFirst());
    lookAt(1003);
    assertEquals(List.of(), reported("drains"));
  }

  /** Its last packet may have been decided just before, and not be seen by who counts. */
  @Test
  void shouldNotTakeTheFirstCountForTheLastWord() {
    drain("web", "a");
    lookAt(1000);
    assertEquals(AdminState.DRAINING, state("web", "a"));
    left.put(1, 1L);
    lookAt(1001);
    assertEquals(AdminState.DRAINING, state("web", "a"));
  }

  @Test
  void shouldEndADrainWhoseTimeIsUp() {
    drain("web", "a");
    left.put(1, 3L);
    for (int second = 1000; second < 1010; second++) {
      lookAt(second + 0.5);
      assertEquals(AdminState.DRAINING, state("web", "a"));
    }
    lookAt(1010);
    assertEquals(AdminState.INACTIVE, state("web", "a"));
    assertEquals(3L, reported("ended").getFirst().get("flows"));
    assertEquals(true, reported("ended").getFirst().get("timeUp"));
  }

  @Test
  void shouldKeepTheTimeOverARestart() {
    drain("web", "a");
    left.put(1, 3L);
    lookAt(1000);
    drains = restarted();
    lookAt(1009);
    assertEquals(AdminState.DRAINING, state("web", "a"));
    drains = restarted();
    lookAt(5000);
    assertEquals(AdminState.INACTIVE, state("web", "a"));
  }

  @Test
  void shouldWaitForTheTimeWhereFlowsCannotBeCounted() {
    isBroken = true;
    drain("web", "a");
    lookAt(1000);
    lookAt(1005);
    assertEquals(AdminState.DRAINING, state("web", "a"));
    lookAt(1010);
    assertEquals(AdminState.INACTIVE, state("web", "a"));
    assertEquals(null, reported("ended").getFirst().get("flows"));
  }

  @Test
  void shouldNotOverrulePeople() {
    drain("web", "a");
    drain("web", "b");
    drain("db", "a");
    drain("db", "b");
    left.putAll(Map.of(1, 1L, 2, 1L, 11, 1L, 12, 1L));
    lookAt(1000);
    change("web", "a", backend -> backend.with(AdminState.ACTIVE));
    change("web", "b", backend -> backend.with(AdminState.DRAINING));
    change("db", "a", backend -> backend.drainingUntil(END + 5));
    left.clear();
    left.put(11, 1L);
    lookAt(1010);
    assertEquals(AdminState.ACTIVE, state("web", "a"));
    assertEquals(AdminState.DRAINING, state("web", "b"), "without an end");
    assertEquals(AdminState.DRAINING, state("db", "a"), "for longer");
    assertEquals(AdminState.INACTIVE, state("db", "b"));
    lookAt(1015);
    assertEquals(AdminState.INACTIVE, state("db", "a"));
  }

  /** Between our look and our change, too. */
  @Test
  void shouldNotOverruleWhoWasFaster() {
    drain("web", "a");
    lookAt(1000);
    Drains late =
        new Drains(
            instance,
            new CarriedFlows() {
              @Override
              public String carrier() {
                return "test";
              }

              @Override
              public long[] count(int... marks) {
                change("web", "a", backend -> backend.with(AdminState.ACTIVE));
                return new long[marks.length];
              }

              @Override
              public long end(int... marks) {
                throw new UnsupportedOperationException();
              }
            },
            () -> (long) (END * 1e9),
            () -> END * 1000);
    late.look();
    assertEquals(AdminState.ACTIVE, state("web", "a"));
    assertEquals(List.of(), late.report().get("ended"));
  }

  @Test
  void shouldCountNothingWhileNothingDrains() {
    change("web", "a", backend -> backend.with(AdminState.DRAINING));
    change("web", "b", backend -> backend.with(AdminState.INACTIVE));
    lookAt(1000);
    lookAt(1001);
    assertEquals(0, counts);
    drain("web", "b");
    lookAt(1002);
    lookAt(1002.1);
    assertEquals(1, counts, "once a second");
    assertTrue(instance.look("web", pool -> pool.drains()).getFirst().name().equals("b"));
  }

  /** But not past the end of a drain. */
  @Test
  void shouldCountLessOftenWhereCountingTakesLong() {
    drain("web", "a");
    left.put(1, 1L);
    secondsToCount = 0.2;
    lookAt(1000);
    lookAt(1003.9);
    assertEquals(1, counts);
    lookAt(1004);
    assertEquals(2, counts);
    secondsToCount = 1;
    lookAt(1008);
    assertEquals(3, counts);
    lookAt(1010);
    assertEquals(AdminState.INACTIVE, state("web", "a"));
  }

  @Test
  void shouldForgetADrainWhosePoolIsDeleted() {
    drain("db", "a");
    left.put(11, 1L);
    lookAt(1000);
    instance.deletePool("db");
    lookAt(1010);
    assertEquals(List.of(), reported("drains"));
    assertEquals(List.of(), reported("ended"));
  }

  @Test
  void shouldKeepAllElseOfABackend() {
    change(
        "web",
        "a",
        backend ->
            new Backend(
                "a", 1, 7, AdminState.DRAINING, Health.DOWN, Backend.WHOLE, null, null, null, END));
    lookAt(1010);
    lookAt(1011);
    assertEquals(
        new Backend("a", 1, 7, AdminState.INACTIVE, Health.DOWN, null, null, null),
        instance.snapshot("web").backends().getFirst());
  }

  @Test
  @Timeout(20)
  void shouldGoOnAfterADefect() throws Exception {
    defects = 3;
    now = 1000;
    drain("web", "a");
    now = END + 1;
    drains.start();
    while (state("web", "a") != AdminState.INACTIVE) {
      Thread.sleep(10);
    }
    drains.close();
    assertTrue(counts > defects);
  }
}

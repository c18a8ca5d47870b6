package io.synlev.state;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Until when a backend drains, as it stands in shared memory. */
class BackendDrainTest {
  @TempDir Path base;
  private Instance instance;

  @BeforeEach
  void create() {
    instance =
        Instance.create(new StateDirectory(base.resolve("state"), "test"), StateFixture.SETTINGS);
  }

  @AfterEach
  void close() {
    instance.close();
  }

  @Test
  void shouldTellWhoseDrainHasAnEnd() {
    instance.createPool(StateFixture.pool("web"), StateFixture.backends(1, 4));
    instance.updatePool(
        "web",
        all ->
            List.of(
                all.get(0),
                all.get(1).drainingUntil(1_000_000_007),
                all.get(2).with(AdminState.DRAINING),
                all.get(3).with(AdminState.INACTIVE)));
    try (Instance other = Instance.open(instance.directory())) {
      List<Backend> drains = other.look("web", Pool::drains);
      assertEquals(List.of(Backend.of("s2", 2).drainingUntil(1_000_000_007)), drains);
      assertEquals(AdminState.DRAINING, drains.getFirst().state());
    }
    // The end goes with the state, and stays with whatever else changes.
    instance.replace(
        before ->
            new Contents(
                List.of(
                    before.pool("web").orElseThrow(),
                    new Contents.PoolContents(
                        StateFixture.pool("db"), StateFixture.backends(9, 1))),
                List.of()),
        Replacement.Progress.NONE);
    assertEquals(1, instance.look("web", Pool::drains).size());
    instance.updatePool("web", all -> all.stream().map(b -> b.with(AdminState.ACTIVE)).toList());
    assertEquals(List.of(), instance.look("web", Pool::drains));
  }

  @Test
  void shouldRefuseAnEndOfADrainThatIsNone() {
    for (AdminState state : AdminState.values()) {
      Executable made =
          () -> new Backend("s1", 1, 1, state, Health.UP, 100, null, null, null, 1_000_000_007);
      if (state == AdminState.DRAINING) {
        assertDoesNotThrow(made);
      } else {
        String message = assertThrows(StateException.class, made).getMessage();
        assertTrue(message.contains("'s1' is " + state.label()), message);
      }
    }
  }
}

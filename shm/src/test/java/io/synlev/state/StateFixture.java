package io.synlev.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.hash.Seed;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.function.Executable;

/** Instances for tests of what can go wrong. */
final class StateFixture {
  static final InstanceSettings SETTINGS = new InstanceSettings(new Seed(1, 2), 0xffff);

  private StateFixture() {}

  static PoolSettings pool(String name) {
    return new PoolSettings(name, 997, 10, Policy.MAGLEV, HashOn.TUPLE, 0);
  }

  static List<Backend> backends(int first, int count) {
    List<Backend> backends = new ArrayList<>();
    for (int mark = first; mark < first + count; mark++) {
      backends.add(Backend.of("s" + mark, mark));
    }
    return backends;
  }

  /** An instance with the pools web (s1 to s4) and db (s5 to s8). */
  static StateDirectory create(Path base) {
    StateDirectory directory = new StateDirectory(base, "test");
    try (Instance instance = Instance.create(directory, SETTINGS)) {
      instance.createPool(pool("web"), backends(1, 4));
      instance.createPool(pool("db"), backends(5, 4));
    }
    return directory;
  }

  /** That an action is refused, with these parts in the message. */
  static void assertRefused(Executable action, Object... parts) {
    String message = assertThrows(StateException.class, action).getMessage();
    for (Object part : parts) {
      assertTrue(message.contains(part.toString()), () -> "no '" + part + "' in: " + message);
    }
  }

  /** That the pool db is as {@link #create} made it. */
  static void assertDbIsWhole(StateDirectory directory) {
    try (Instance instance = Instance.open(directory)) {
      assertEquals(backends(5, 4), instance.snapshot("db").backends());
    }
  }
}

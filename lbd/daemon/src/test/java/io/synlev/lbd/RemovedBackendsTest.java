package io.synlev.lbd;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.synlev.hash.Seed;
import io.synlev.state.AdminState;
import io.synlev.state.Backend;
import io.synlev.state.Forwarding;
import io.synlev.state.HashOn;
import io.synlev.state.Instance;
import io.synlev.state.InstanceSettings;
import io.synlev.state.Policy;
import io.synlev.state.PoolSettings;
import io.synlev.state.StateDirectory;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RemovedBackendsTest {

  private static final Backend FIRST = Backend.of("s1", 11);
  private static final Backend SECOND = Backend.of("s2", 12);

  @TempDir Path directory;
  private Instance instance;
  private RemovedBackends removed;

  @BeforeEach
  void open() {
    instance =
        Instance.create(
            new StateDirectory(directory, "t"), new InstanceSettings(new Seed(1, 2), 0xffff));
    PoolSettings web = new PoolSettings("web", 97, 3, Policy.MAGLEV, HashOn.TUPLE, 0);
    instance.createPool(web.with(Forwarding.NAT), List.of(FIRST, SECOND));
    removed = new RemovedBackends(instance);
    assertEquals(List.of(), removed.look());
  }

  @AfterEach
  void close() {
    instance.close();
  }

  private void have(Backend... backends) {
    instance.updatePool("web", _ -> List.of(backends));
  }

  @Test
  void shouldTellOfABackendThatIsGoneOnceAndOneLookLater() {
    have(FIRST);
    assertEquals(List.of(), removed.look(), "bursts that still know it are under way");
    assertEquals(List.of(SECOND), removed.look());
    assertEquals(List.of(), removed.look());
  }

  @Test
  void shouldTellOfABackendWithAnotherMark() {
    Backend other = Backend.of("s2", 13);
    have(FIRST, other);
    assertEquals(List.of(), removed.look());
    assertEquals(List.of(SECOND), removed.look());
  }

  @Test
  void shouldNotTellOfABackendThatIsThereAgain() {
    have(FIRST);
    assertEquals(List.of(), removed.look());
    have(FIRST, SECOND);
    assertEquals(List.of(), removed.look());
    assertEquals(List.of(), removed.look());
  }

  @Test
  void shouldNotTellOfABackendThatDrains() {
    have(FIRST, SECOND.with(AdminState.DRAINING));
    assertEquals(List.of(), removed.look());
    assertEquals(List.of(), removed.look());
  }

  @Test
  void shouldTellOfAPoolThatIsGoneAndLeaveOthersAlone() {
    PoolSettings far = new PoolSettings("far", 97, 3, Policy.MAGLEV, HashOn.TUPLE, 0);
    instance.createPool(far.with(Forwarding.IPIP), List.of(Backend.of("f1", 21)));
    assertEquals(List.of(), removed.look());
    instance.deletePool("far");
    instance.deletePool("web");
    assertEquals(List.of(), removed.look());
    assertEquals(2, removed.look().size());
  }
}

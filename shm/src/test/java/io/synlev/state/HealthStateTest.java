package io.synlev.state;

import static io.synlev.state.StateFixture.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.state.Contents.PoolContents;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Health checks in shared memory, and what they found out. */
class HealthStateTest {
  private static final HealthCheck CHECK =
      HealthCheck.builder().set("kind", "tcp").set("port", "80").set("interval", "1s").build();

  @TempDir Path base;
  private StateDirectory directory;

  @BeforeEach
  void create() {
    directory = StateFixture.create(base);
  }

  @Test
  void shouldBeSeenByOthers() {
    try (Instance writer = Instance.open(directory);
        Instance reader = Instance.open(directory)) {
      long generation = reader.configurationGeneration();
      writer.updateHealthCheck("web", _ -> CHECK);
      assertEquals(Optional.of(CHECK), reader.configuration().check("web"));
      assertEquals(Optional.empty(), reader.configuration().check("db"));
      assertEquals(generation + 1, reader.configurationGeneration());
      writer.updateHealthCheck("web", was -> was);
      assertEquals(generation + 1, reader.configurationGeneration());
    }
  }

  @Test
  void shouldOutliveChangesOfServicesAndEndWithItsPool() {
    try (Instance instance = Instance.open(directory)) {
      instance.updateHealthCheck("web", _ -> CHECK);
      instance.updateServices(_ -> List.of());
      instance.createPool(StateFixture.pool("new"), StateFixture.backends(20, 1));
      assertEquals(Map.of("web", CHECK), instance.configuration().checks());
      instance.deletePool("web");
      assertEquals(Map.of(), instance.configuration().checks());
      assertRefused(() -> instance.updateHealthCheck("web", _ -> CHECK), "no pool 'web'");
    }
  }

  @Test
  void shouldCountAllAsUpWhenNobodyChecksAnyMore() {
    try (Instance instance = Instance.open(directory)) {
      instance.updateHealthCheck("web", _ -> CHECK);
      instance.updatePool(
          "web", all -> all.stream().map(each -> each.with(Health.DOWN, 30)).toList());
      instance.updateHealthCheck("web", _ -> null);
      assertEquals(StateFixture.backends(1, 4), instance.snapshot("web").backends());
    }
  }

  /** What a person said holds where nobody checked. */
  @Test
  void shouldLeaveWhatPeopleSayWhereNobodyChecked() {
    try (Instance instance = Instance.open(directory)) {
      instance.updatePool(
          "web", all -> all.stream().map(each -> each.with(Health.DOWN, 100)).toList());
      instance.updateHealthCheck("web", _ -> null);
      assertTrue(
          instance.snapshot("web").backends().stream()
              .allMatch(each -> each.health() == Health.DOWN));
    }
  }

  @Test
  void shouldBeReplacedWithoutMakingThePoolAnew() {
    try (Instance instance = Instance.open(directory)) {
      long inode = instance.configuration().pool("web").orElseThrow().inode();
      instance.replace(before -> withCheck(before, CHECK), Replacement.Progress.NONE);
      assertEquals(Optional.of(CHECK), instance.configuration().check("web"));
      assertEquals(CHECK, instance.contents().pool("web").orElseThrow().check());
      assertNull(instance.contents().pool("db").orElseThrow().check());
      assertEquals(inode, instance.configuration().pool("web").orElseThrow().inode());
      instance.replace(before -> withCheck(before, null), Replacement.Progress.NONE);
      assertEquals(Map.of(), instance.configuration().checks());
    }
  }

  private static Contents withCheck(Contents before, HealthCheck check) {
    return new Contents(
        before.pools().stream()
            .map(
                pool ->
                    pool.name().equals("web")
                        ? new PoolContents(pool.settings(), pool.backends(), check)
                        : pool)
            .toList(),
        before.services());
  }

  @Test
  void shouldGiveASlowlyStartingBackendItsShareOfItsWeight() {
    try (Instance instance = Instance.open(directory)) {
      char[] whole = instance.snapshot("web").table();
      instance.updatePool("web", all -> ramp(all, 20));
      PoolSnapshot slow = instance.snapshot("web");
      // 20 of 320 hundredths; a turn in the first round may give it some more.
      assertEquals(997 * 20 / 320.0, slow.members().getFirst().slots(), 2);
      assertEquals(20, slow.backends().getFirst().ramp());
      assertEquals(1, slow.backends().getFirst().weight());
      instance.updatePool("web", all -> ramp(all, Backend.WHOLE));
      org.junit.jupiter.api.Assertions.assertArrayEquals(whole, instance.snapshot("web").table());
    }
  }

  private static List<Backend> ramp(List<Backend> all, int percent) {
    return all.stream()
        .map(each -> each.name().equals("s1") ? each.with(Health.UP, percent) : each)
        .toList();
  }

  @Test
  void shouldRefuseAShareOutOfRange() {
    Backend backend = Backend.of("s1", 1);
    assertRefused(() -> backend.with(Health.UP, 0), "0 %", "1 to 100");
    assertRefused(() -> backend.with(Health.UP, 101), "101 %");
  }
}

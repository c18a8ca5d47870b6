package io.synlev.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.hash.Seed;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class InstanceTest {
  private static final InstanceSettings SETTINGS =
      new InstanceSettings(new Seed(1, 2), InstanceSettings.DEFAULT_MARK_MASK);

  @TempDir Path base;
  private Instance instance;

  @BeforeEach
  void create() {
    instance = Instance.create(new StateDirectory(base.resolve("state"), "test"), SETTINGS);
  }

  @AfterEach
  void close() {
    instance.close();
  }

  private static PoolSettings pool(String name) {
    return new PoolSettings(name, 997, 10, Policy.MAGLEV, HashOn.TUPLE, 0);
  }

  private static List<Backend> backends(int first, int count) {
    List<Backend> backends = new ArrayList<>();
    for (int mark = first; mark < first + count; mark++) {
      backends.add(Backend.of("s" + mark, mark));
    }
    return backends;
  }

  @Test
  void shouldReadWhatAnotherAttachmentWrote() {
    instance.createPool(pool("web"), backends(1, 4));
    instance.updateServices(
        services ->
            List.of(
                new Service(
                    "www",
                    "web",
                    List.of(Prefix.parse("10.0.0.0/32"), Prefix.parse("1000::/128")))));
    try (Instance other = Instance.open(instance.directory())) {
      PoolSnapshot snapshot = other.snapshot("web");
      assertEquals(backends(1, 4), snapshot.backends());
      assertEquals(997, snapshot.members().stream().mapToInt(PoolSnapshot.Member::slots).sum());
      assertEquals(
          "1000::/128", other.configuration().services().getFirst().vips().get(1).toString());
      assertEquals(SETTINGS, other.settings());
    }
  }

  @Test
  void shouldShowANewGenerationToACursorOfAnotherAttachment() {
    instance.createPool(pool("web"), backends(1, 4));
    try (Instance other = Instance.open(instance.directory())) {
      PoolCursor cursor = other.pool("web").cursor(0);
      cursor.refresh(other.epoch());
      long before = cursor.generation();
      instance.updatePool(
          "web", all -> all.stream().map(b -> b.with(AdminState.INACTIVE)).toList());
      cursor.refresh(other.epoch());
      assertEquals(before + 1, cursor.generation());
      assertEquals(PoolCursor.NONE, cursor.backend(12345));
      instance.updatePool("web", all -> List.of(all.get(2).with(AdminState.ACTIVE)));
      cursor.refresh(other.epoch());
      assertEquals(2, cursor.backend(12345));
      assertEquals(3, cursor.mark(2));
    }
  }

  @Test
  void shouldChangeNothingWhenAChangeIsRefused() {
    instance.createPool(pool("web"), backends(1, 4));
    instance.createPool(pool("db"), backends(5, 4));
    long epoch = instance.epoch();
    StateException taken =
        assertThrows(StateException.class, () -> instance.updatePool("db", all -> backends(4, 5)));
    assertTrue(taken.getMessage().contains("fwmark 4 is taken by backend 's4' of pool 'web'"));
    assertThrows(StateException.class, () -> instance.updatePool("db", all -> backends(5, 11)));
    assertThrows(StateException.class, () -> instance.deletePool("none"));
    assertEquals(epoch, instance.epoch());
  }

  @Test
  void shouldLeaveNothingBehindWhenDeleted() {
    instance.createPool(pool("web"), backends(1, 4));
    Instance.delete(instance.directory());
    assertTrue(Files.notExists(instance.directory().path()));
    assertTrue(Files.notExists(instance.directory().base()), "an empty base");
  }

  @Test
  void shouldLeaveTheBaseToOtherInstances() {
    StateDirectory other = new StateDirectory(instance.directory().base(), "other");
    Instance.create(other, SETTINGS).close();
    Instance.delete(instance.directory());
    assertTrue(other.exists());
    Instance.delete(other);
    assertTrue(Files.notExists(other.base()));
  }

  /** One deletes the base that the other has just made or found. */
  @Test
  void shouldMakeAnInstanceWhileTheLastOtherOneIsDeleted() throws Exception {
    StateDirectory other = new StateDirectory(instance.directory().base(), "other");
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Thread thread =
        new Thread(
            () -> {
              for (int i = 0; i < 500; i++) {
                other.create();
                other.delete();
              }
            });
    thread.setUncaughtExceptionHandler((_, e) -> failure.set(e));
    thread.start();
    for (int i = 0; i < 500; i++) {
      instance.directory().delete();
      instance.directory().create();
    }
    thread.join();
    assertEquals(null, failure.get());
  }

  private void assertRefused(Executable change, String... parts) {
    long epoch = instance.epoch();
    StateFixture.assertRefused(change, (Object[]) parts);
    assertEquals(epoch, instance.epoch(), "nothing was published");
  }

  @Test
  void shouldRefuseNamesAndMarksThatAreTakenOrImpossible() {
    instance.createPool(pool("web"), backends(1, 4));
    assertRefused(
        () -> instance.createPool(pool("web"), List.of()), "pool 'web' exists", "delete it first");
    assertRefused(
        () -> instance.createPool(pool("db"), backends(4, 1)),
        "fwmark 4 is taken by backend 's4' of pool 'web'",
        "choose another");
    assertRefused(
        () -> instance.createPool(pool("db"), backends(0x10000, 1)),
        "fwmark 0x10000",
        "mark mask 0xffff");
    Backend twin = Backend.of("s1", 9);
    assertRefused(
        () -> instance.updatePool("web", all -> List.of(all.get(0), twin)),
        "pool 'web' has a backend 's1' already");
    Backend sameMark = Backend.of("s9", 1);
    assertRefused(
        () -> instance.updatePool("web", all -> List.of(all.get(0), sameMark)),
        "fwmark 1 of backend 's9' is taken in pool 'web'",
        "choose another");
    assertRefused(
        () -> instance.updatePool("nix", all -> all), "there is no pool 'nix'", "there are [web]");
    assertRefused(
        () -> Instance.create(instance.directory(), SETTINGS), "'test' exists already", "delete");
  }

  @Test
  void shouldKeepAPoolThatAServiceUses() {
    instance.createPool(pool("web"), backends(1, 4));
    instance.updateServices(
        all -> List.of(new Service("www", "web", List.of(Prefix.parse("10.0.0.0/32")))));
    assertRefused(
        () -> instance.deletePool("web"), "service 'www' uses pool 'web'", "remove it first");
    instance.updateServices(all -> List.of());
    instance.deletePool("web");
    assertEquals(List.of(), instance.configuration().pools());
  }

  @Test
  void shouldPublishNothingWhenNothingChanges() {
    instance.createPool(pool("web"), backends(1, 4));
    long epoch = instance.epoch();
    instance.updatePool("web", all -> all);
    instance.updateServices(all -> all);
    assertEquals(epoch, instance.epoch());
  }

  @Test
  void shouldBeServedByOneDaemonAtATime() {
    assertFalse(instance.daemon().isAlive());
    DaemonRecord mine = DaemonRecord.ofThisProcess(2, 3);
    instance.claim(mine);
    assertTrue(instance.daemon().isAlive());
    // Another process that lives: the first of all, whose start is at tick 0 or soon after.
    DaemonRecord other = new DaemonRecord(1, 0, 2, 2);
    StateFixture.assertRefused(
        () -> instance.claim(other), "served by lbd with pid " + mine.pid(), "stop that one");
    instance.unclaim();
    assertFalse(instance.daemon().isAlive());
    // The number was given to another process meanwhile.
    instance.claim(new DaemonRecord(mine.pid(), mine.startTicks() - 1, 2, 2));
    assertFalse(instance.daemon().isAlive());
    instance.claim(mine);
    assertEquals(mine, instance.daemon());
  }

  @Test
  void shouldPassTheClaimOn() {
    instance.claim(DaemonRecord.ofThisProcess(2, 3));
    DaemonRecord next = new DaemonRecord(1, 0, 4, 4);
    instance.passClaim(next);
    assertEquals(next, instance.daemon());
  }

  /** A daemon whose parent never asks what became of it. */
  @Test
  void shouldNotTakeAnEndedProcessForADaemon() throws Exception {
    Process parent = new ProcessBuilder("sh", "-c", "sleep 0 & echo $!; exec sleep 600").start();
    try {
      long pid = Long.parseLong(parent.inputReader().readLine());
      Path stat = Path.of("/proc/" + pid + "/stat");
      while (!Files.readString(stat).contains(") Z ")) {
        Thread.onSpinWait();
      }
      long start = Long.parseLong(Files.readString(stat).split(" ")[21]);
      assertFalse(new DaemonRecord(pid, start, 2, 2).isAlive());
    } finally {
      parent.destroyForcibly();
    }
  }

  @Test
  void shouldCountForEachBackendAndForgetWithIt() {
    instance.createPool(pool("web"), backends(1, 2));
    PoolCursor cursor = instance.pool("web").cursor(0);
    PoolCursor another = instance.pool("web").cursor(1);
    cursor.count(1);
    another.count(1);
    another.count(0);
    assertEquals(2, instance.pool("web").packets(1));
    instance.updatePool("web", all -> List.of(all.get(0)));
    instance.updatePool("web", all -> List.of(all.get(0), Backend.of("s3", 3)));
    assertEquals("s3", instance.snapshot("web").at(1).orElseThrow().backend().name());
    assertEquals(0, instance.pool("web").packets(1));
    assertEquals(1, instance.pool("web").packets(0));
  }
}

package io.synlev.state;

import static io.synlev.state.StateFixture.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.state.Contents.PoolContents;
import io.synlev.state.Replacement.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplacementTest {
  private StateDirectory directory;
  private Instance instance;

  @BeforeEach
  void create(@TempDir Path base) {
    directory = StateFixture.create(base);
    instance = Instance.open(directory);
  }

  @AfterEach
  void close() {
    instance.close();
  }

  private static PoolContents pool(String name, int first, int count) {
    return new PoolContents(StateFixture.pool(name), StateFixture.backends(first, count));
  }

  private static Service service(String name, String pool, String vip) {
    return new Service(name, pool, List.of(Prefix.parse(vip)));
  }

  private Contents replace(PoolContents... pools) {
    return instance.replace(_ -> new Contents(List.of(pools), List.of()), Progress.NONE);
  }

  private TreeSet<String> files() throws IOException {
    try (Stream<Path> files = Files.list(directory.path())) {
      return new TreeSet<>(files.map(file -> file.getFileName().toString()).toList());
    }
  }

  @Test
  void shouldChangeAllAtOnce() throws IOException {
    long generation = instance.configurationGeneration();
    Contents wanted =
        new Contents(
            List.of(pool("web", 1, 3), pool("mail", 20, 2)),
            List.of(service("w", "web", "192.0.2.1"), service("m", "mail", "192.0.2.2")));
    List<String> told = new ArrayList<>();

    Contents before =
        instance.replace(
            was -> {
              assertEquals(instance.contents(), was);
              return wanted;
            },
            (made, all) -> told.add(made + "/" + all));

    assertEquals(List.of(pool("db", 5, 4), pool("web", 1, 4)), before.pools());
    assertEquals(wanted, instance.contents());
    assertEquals(generation + 1, instance.configurationGeneration());
    assertEquals(List.of("2/2"), told);
    assertEquals(new TreeSet<>(List.of("lock", "registry", "pool-mail", "pool-web~")), files());
    try (Instance other = Instance.open(directory)) {
      assertEquals(wanted, other.contents());
    }
  }

  @Test
  void shouldUseTheOtherNameEachTime() throws IOException {
    for (int round = 1; round <= 4; round++) {
      Contents wanted =
          new Contents(
              List.of(pool("web", 1, 1 + round)), List.of(service("w", "web", "192.0.2." + round)));
      instance.replace(_ -> wanted, Progress.NONE);
      assertEquals(wanted, instance.contents());
      String name = round % 2 == 1 ? "pool-web~" : "pool-web";
      assertEquals(new TreeSet<>(List.of("lock", "registry", name)), files());
    }
  }

  @Test
  void shouldPublishInPlaceWhatIsAboutOnePoolOnly() {
    long inode = instance.pool("web").inode();
    long configuration = instance.configurationGeneration();
    replace(pool("web", 1, 2), pool("db", 5, 4));
    assertEquals(inode, instance.pool("web").inode());
    assertEquals(configuration, instance.configurationGeneration());
    assertEquals(pool("web", 1, 2), instance.contents().pool("web").orElseThrow());
  }

  @Test
  void shouldChangeNothingWhenNothingIsNew() {
    long epoch = instance.epoch();
    instance.replace(before -> before, Progress.NONE);
    assertEquals(epoch, instance.epoch());
  }

  @Test
  void shouldKeepIndicesCountsAndGenerations() {
    // s2 goes, so that indices and order of names are not the same any more.
    instance.updatePool("web", before -> List.of(before.get(0), before.get(2), before.get(3)));
    PoolSnapshot before = instance.snapshot("web");
    PoolCursor cursor = instance.pool("web").cursor(3);
    cursor.refresh(instance.epoch());
    cursor.count(2);
    cursor.count(2);

    List<Backend> wanted = new ArrayList<>(before.backends());
    wanted.add(Backend.of("a", 30));
    replace(new PoolContents(before.settings(), wanted));

    PoolSnapshot after = instance.snapshot("web");
    assertEquals(before.generation() + 1, after.generation());
    for (PoolSnapshot.Member member : before.members()) {
      assertEquals(member.backend(), after.at(member.index()).orElseThrow().backend());
    }
    assertEquals("a", after.at(1).orElseThrow().backend().name());
    assertEquals(2, instance.pool("web").packets(2));
    assertEquals(0, instance.pool("web").packets(1));
  }

  @Test
  void shouldMakeTheSameTableAsSingleChanges() {
    replace(pool("web", 1, 4), pool("mail", 20, 3));
    instance.createPool(StateFixture.pool("twin"), List.of());
    instance.updatePool("twin", _ -> rename(StateFixture.backends(20, 3)));
    assertArrayEquals(instance.snapshot("mail").table(), instance.snapshot("twin").table());
  }

  /** Other marks, which have no part in the table. */
  private static List<Backend> rename(List<Backend> backends) {
    return backends.stream().map(each -> Backend.of(each.name(), 100 + each.fwmark())).toList();
  }

  @Test
  void shouldChangeWhatOfAPoolNeverChangesOtherwise() {
    PoolSettings larger = new PoolSettings("web", 1009, 3, Policy.MODULO, HashOn.ADDRESSES, 0);
    PoolContents wanted = new PoolContents(larger, StateFixture.backends(2, 3));
    instance.pool("web").cursor(0).count(3);
    replace(wanted, pool("db", 5, 4));
    assertEquals(wanted, instance.contents().pool("web").orElseThrow());
    int place =
        instance.snapshot("web").members().stream()
            .filter(member -> member.backend().name().equals("s4"))
            .findFirst()
            .orElseThrow()
            .index();
    assertEquals(1, instance.pool("web").packets(place));
  }

  @Test
  void shouldRefuseWhatDoesNotFitTogetherAndChangeNothing() throws IOException {
    Contents before = instance.contents();
    TreeSet<String> files = files();
    assertRefused(() -> replace(pool("a", 1, 4), pool("b", 4, 4)), "fwmark 4", "'s4' of pool 'a'");
    assertRefused(() -> replace(pool("a", 1, 1), pool("a", 2, 1)), "pool 'a' stands twice");
    assertRefused(() -> replace(pool("a", 0xffff, 2)), "0x10000", "mark mask");
    assertRefused(() -> replace(pool("a", 1, 11)), "pool 'a' has room for 10 backends");
    assertRefused(
        () ->
            instance.replace(
                was -> new Contents(was.pools(), List.of(service("s", "none", "192.0.2.1"))),
                Progress.NONE),
        "no pool 'none'");
    assertEquals(before, instance.contents());
    assertEquals(files, files());
  }

  @Test
  void shouldUndoWhatItMadeWhenALaterStepFails() throws IOException {
    Contents before = instance.contents();
    TreeSet<String> files = files();
    List<PoolContents> pools = new ArrayList<>();
    for (int i = 0; i < 19; i++) {
      pools.add(pool("a" + i, 100 + i, 1));
    }
    assertRefused(
        () ->
            instance.replace(
                _ -> new Contents(pools, List.of()),
                (made, all) -> {
                  assertTrue(made < all);
                  throw new StateException("no room");
                }),
        "no room");
    assertEquals(before, instance.contents());
    assertEquals(files, files());
  }

  @Test
  void shouldServeReadersThatAreAttached() {
    try (Instance reader = Instance.open(directory)) {
      PoolCursor old = reader.pool("web").cursor(0);
      Configuration was = reader.configuration();
      replace(pool("web", 1, 1));
      // The mapping stays until the reader says that it has left.
      old.refresh(reader.epoch());
      assertEquals(was.pools().size(), 2);
      assertEquals(1, reader.snapshot("web").backends().size());
      reader.releaseDeleted(reader.configuration());
      assertEquals(List.of(Backend.of("s1", 1)), reader.<List<Backend>>look("web", Pool::backends));
    }
  }

  @Test
  void shouldLetSingleChangesFollow() throws IOException {
    replace(pool("web", 1, 2));
    instance.updatePool("web", _ -> StateFixture.backends(1, 3));
    instance.createPool(StateFixture.pool("new"), StateFixture.backends(50, 1));
    assertEquals(
        List.of(
            new PoolContents(StateFixture.pool("new"), StateFixture.backends(50, 1)),
            pool("web", 1, 3)),
        instance.contents().pools());
    instance.deletePool("web");
    assertEquals(new TreeSet<>(List.of("lock", "registry", "pool-new")), files());
  }
}

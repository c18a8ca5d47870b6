package io.synlev.state;

import static io.synlev.state.StateFixture.assertDbIsWhole;
import static io.synlev.state.StateFixture.assertRefused;
import static io.synlev.state.StateFixture.backends;
import static io.synlev.state.StateFixture.pool;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pools and instances that go while somebody looks at them. */
class DeletedPoolTest {
  @TempDir Path temporary;
  private StateDirectory directory;
  private Instance reader;
  private Instance writer;

  @BeforeEach
  void attach() {
    directory = StateFixture.create(temporary.resolve("state"));
    reader = Instance.open(directory);
    writer = Instance.open(directory);
  }

  @AfterEach
  void close() {
    reader.close();
    writer.close();
  }

  private static int lookUp(PoolCursor cursor, Instance instance) {
    cursor.refresh(instance.epoch());
    return cursor.mark(cursor.backend(0x12345678));
  }

  private static long deletedMappings(Path file) throws IOException {
    try (var lines = Files.lines(Path.of("/proc/self/maps"))) {
      return lines.filter(line -> line.endsWith(file + " (deleted)")).count();
    }
  }

  @Test
  void shouldGoOnServingAWorkerThatHasNotLeftYet() {
    PoolCursor cursor = reader.pool("web").cursor(0);
    int mark = lookUp(cursor, reader);
    writer.deletePool("web");
    assertEquals(mark, lookUp(cursor, reader));
    assertRefused(() -> reader.snapshot("web"), "there is no pool 'web'", "[db]");
    assertRefused(() -> reader.updatePool("web", all -> all), "there is no pool 'web'");
    assertDbIsWhole(directory);
  }

  @Test
  void shouldShowThePoolThatWasMadeAgainUnderTheName() {
    Pool old = reader.pool("web");
    PoolCursor oldCursor = old.cursor(0);
    int mark = lookUp(oldCursor, reader);
    writer.deletePool("web");
    writer.createPool(pool("web"), backends(100, 4));
    assertEquals(backends(100, 4), reader.snapshot("web").backends());
    Pool young = reader.pool("web");
    assertNotSame(old, young);
    assertSame(young, reader.pool("web"));
    assertNotEquals(mark, lookUp(young.cursor(0), reader));
    assertEquals(mark, lookUp(oldCursor, reader));
  }

  @Test
  void shouldUnmapADeletedPoolOnlyWhenAllHaveLeftIt() throws IOException {
    Path web = directory.pool("web");
    PoolCursor cursor = reader.pool("web").cursor(0);
    Configuration before = reader.configuration();
    int mark = lookUp(cursor, reader);
    writer.deletePool("web");
    writer.releaseDeleted(writer.configuration());
    assertEquals(1, deletedMappings(web));

    reader.releaseDeleted(before);
    assertEquals(mark, lookUp(cursor, reader));
    Configuration after = reader.configuration();
    writer.createPool(pool("web"), backends(100, 4));
    reader.pool("web");
    reader.releaseDeleted(after);
    assertEquals(0, deletedMappings(web));
    // Attached after that configuration: not meant.
    assertEquals(backends(100, 4), reader.snapshot("web").backends());
  }

  @Test
  void shouldNotChangeAnInstanceThatWasDeletedOrMadeAgain() {
    Instance.delete(directory);
    assertRefused(() -> reader.updatePool("web", all -> backends(1, 2)), "deleted", "nothing");
    StateFixture.create(directory.base());
    assertRefused(() -> reader.updatePool("web", all -> backends(1, 2)), "deleted", "nothing");
    assertRefused(() -> reader.updateServices(all -> List.of()), "deleted", "nothing");
    try (Instance young = Instance.open(directory)) {
      assertEquals(backends(1, 4), young.snapshot("web").backends());
      young.updatePool("web", all -> backends(1, 2));
    }
  }
}

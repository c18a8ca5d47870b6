package io.synlev.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.hash.Seed;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Writers that are killed at random moments, and readers who believe nothing unchecked. */
class CrashTest {
  private static final int KILLS = 160;
  private static final int KILLS_AMONG_RIVALS = 48;
  private static final int RIVALS = 4;

  /** A JVM takes longer to start than its life lasts. */
  private static final int STARTING_AHEAD = 3;

  /** Of the kills of a lone writer; it is in a fill for about a third of its time. */
  private static final int LEAST_INSIDE_A_FILL = KILLS / 16;

  private static final long LONGEST_LIFE_NANOS = 12_000_000;

  private final Random random = new Random();
  private final List<ChildJvm> children = new ArrayList<>();
  private final Map<CrashReader, Thread> readers = new LinkedHashMap<>();
  private StateDirectory directory;
  private Instance instance;
  private PoolCursor cursor;

  @BeforeEach
  void create(@TempDir Path base) {
    directory = new StateDirectory(base.resolve("state"), "crash");
    instance = Instance.create(directory, new InstanceSettings(new Seed(1, 2), Stamps.MARK_MASK));
    instance.createPool(Stamps.settings(), Stamps.backends(0));
    cursor = instance.pool(Stamps.POOL).cursor(1);
  }

  /** Readers first, also after a failure: they read what is unmapped then. */
  @AfterEach
  void end() throws InterruptedException {
    stopReaders();
    children.forEach(ChildJvm::close);
    instance.close();
  }

  private CrashReader reader(boolean rechecks, boolean pauses) {
    CrashReader reader = new CrashReader(instance, rechecks, pauses);
    Thread thread = new Thread(reader);
    readers.put(reader, thread);
    thread.start();
    return reader;
  }

  private void stopReaders() throws InterruptedException {
    readers.keySet().forEach(CrashReader::stop);
    for (Thread thread : readers.values()) {
      thread.join();
    }
  }

  private ChildJvm child(Class<?> main) {
    ChildJvm child = ChildJvm.start(main, directory.base(), directory.instance());
    children.add(child);
    return child;
  }

  private ChildJvm readyWriter() {
    ChildJvm writer = child(CrashWriter.class);
    writer.expect("ready");
    return writer;
  }

  private long generation() {
    cursor.refresh(instance.epoch());
    return cursor.generation();
  }

  @Test
  void shouldSurviveWritersKilledAtAnyMoment() throws Exception {
    CrashReader reader = reader(true, false);
    ChildJvm otherReader = child(CrashReader.class);
    otherReader.expect("ready");

    int insideAFill = killLoneWriters();
    killRivals();
    long before = generation();
    ChildJvm last = readyWriter();
    last.tell();
    last.expect("published");
    assertTrue(generation() > before);

    stopReaders();
    String[] other = otherReader.finish().split(" ", 3);
    System.out.printf(
        "%d kills, %d of %d inside a fill; %,d generations; %,d + %s look-ups, %,d thrown away%n",
        KILLS + KILLS_AMONG_RIVALS,
        insideAFill,
        KILLS,
        generation(),
        reader.accepted(),
        other[1],
        reader.refused());
    assertEquals(0, reader.torn(), reader::example);
    assertEquals("0", other[0], () -> other[2]);
    assertTrue(insideAFill >= LEAST_INSIDE_A_FILL, () -> "only " + insideAFill);
    assertTrue(Stamps.isWhole(instance.snapshot(Stamps.POOL)));
  }

  /** One writer at a time, so that what it leaves behind can be looked at. */
  private int killLoneWriters() {
    int insideAFill = 0;
    Deque<ChildJvm> starting = new ArrayDeque<>();
    for (int kill = 0; kill < KILLS; kill++) {
      while (starting.size() < STARTING_AHEAD && kill + starting.size() < KILLS) {
        starting.add(child(CrashWriter.class));
      }
      ChildJvm writer = starting.remove();
      writer.expect("ready");
      long before = generation();
      writer.tell();
      writer.expect("published");
      assertTrue(generation() > before, "the writer after a killed one must succeed");
      LockSupport.parkNanos(random.nextLong(LONGEST_LIFE_NANOS));
      writer.kill();
      // Odd: between the first byte of a fill and the end of the change.
      if (instance.epoch() % 2 == 1) {
        insideAFill++;
      }
      assertTrue(Stamps.isWhole(instance.snapshot(Stamps.POOL)));
    }
    return insideAFill;
  }

  /** Several at once: kills also hit those that wait for the lock. */
  private void killRivals() {
    List<ChildJvm> rivals = new ArrayList<>();
    for (int kill = 0; kill < KILLS_AMONG_RIVALS + RIVALS; kill++) {
      if (kill < KILLS_AMONG_RIVALS) {
        ChildJvm rival = readyWriter();
        rival.tell();
        rivals.add(rival);
      }
      if (kill >= RIVALS) {
        rivals.remove(random.nextInt(rivals.size())).kill();
      }
    }
  }

  /** What the others' silence is worth: without the re-check the same reader sees torn answers. */
  @Test
  void shouldCatchAReaderThatDoesNotLookAtTheEpochAgain() throws Exception {
    CrashReader careless = reader(false, true);
    CrashReader careful = reader(true, true);
    ChildJvm writer = readyWriter();
    writer.tell();
    writer.expect("published");
    long deadline = System.nanoTime() + 30_000_000_000L;
    while ((careless.torn() == 0 || careful.refused() < 640) && System.nanoTime() < deadline) {
      LockSupport.parkNanos(1_000_000);
    }
    stopReaders();
    assertTrue(careless.torn() > 0, "a torn answer was not noticed");
    assertTrue(careful.refused() >= 640);
    assertEquals(0, careful.torn(), careful::example);
  }
}

package io.synlev.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.state.Contents.PoolContents;
import io.synlev.state.Replacement.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Writers that change all pools and services, killed at random moments. */
class KilledReplacementTest {
  private static final int KILLS = 40;
  private static final int STARTING_AHEAD = 3;
  private static final long LONGEST_LIFE_NANOS = 60_000_000;
  private static final int POOLS = 3;

  private final Random random = new Random();
  private final List<ChildJvm> children = new ArrayList<>();
  private StateDirectory directory;
  private Instance instance;

  @BeforeEach
  void create(@TempDir Path base) {
    directory = new StateDirectory(base.resolve("state"), "killed");
    instance = Instance.create(directory, StateFixture.SETTINGS);
    instance.replace(_ -> version(0), Progress.NONE);
  }

  @AfterEach
  void end() {
    children.forEach(ChildJvm::close);
    instance.close();
  }

  /**
   * Contents in which all parts say the same number: pools, marks, weights and services. Every
   * other version has another set of pools.
   */
  static Contents version(int number) {
    List<PoolContents> pools = new ArrayList<>();
    List<Service> services = new ArrayList<>();
    for (int pool = 0; pool < POOLS; pool++) {
      String name = pool == 0 && number % 2 == 1 ? "odd" : "p" + pool;
      List<Backend> backends = new ArrayList<>();
      for (int i = 1; i <= 4; i++) {
        Backend one = Backend.of("s" + i, 10 * pool + i);
        backends.add(
            new Backend(
                one.name(), one.fwmark(), number, one.state(), one.health(), null, null, null));
      }
      pools.add(new PoolContents(StateFixture.pool(name), backends));
      services.add(
          new Service(name, name, List.of(Prefix.parse("192.0.2." + number % 250)))
              .withPriority(pool));
    }
    return new Contents(pools, services);
  }

  /** The number that all parts say. */
  static int number(Contents contents) {
    return contents.pools().getFirst().backends().getFirst().weight();
  }

  /** A child: writes version after version until it is killed. */
  static final class Writer {
    private Writer() {}

    public static void main(String[] args) throws Exception {
      try (Instance instance = Instance.open(new StateDirectory(Path.of(args[0]), args[1]))) {
        System.out.println("ready");
        System.in.read();
        ChildJvm.endWithParent();
        while (true) {
          instance.replace(before -> version(next(number(before))), Progress.NONE);
        }
      }
    }

    private static int next(int number) {
      return (number + 1) % Backend.MAX_WEIGHT;
    }
  }

  private ChildJvm child() {
    ChildJvm child = ChildJvm.withAllClasses(Writer.class, directory.base(), directory.instance());
    children.add(child);
    return child;
  }

  @Test
  void shouldLeaveOneVersionInForceWheneverAWriterIsKilled() throws Exception {
    AtomicBoolean stop = new AtomicBoolean();
    List<String> torn = new ArrayList<>();
    Thread reader = Thread.ofPlatform().start(() -> read(stop, torn));
    Deque<ChildJvm> starting = new ArrayDeque<>();
    int leftovers = 0;
    for (int kill = 0; kill < KILLS; kill++) {
      while (starting.size() < STARTING_AHEAD && kill + starting.size() < KILLS) {
        starting.add(child());
      }
      ChildJvm writer = starting.remove();
      writer.expect("ready");
      int before = number(instance.contents());
      writer.tell();
      // Its first change takes longest; after that it may be anywhere.
      while (number(instance.contents()) == before) {
        LockSupport.parkNanos(100_000);
      }
      LockSupport.parkNanos(random.nextLong(LONGEST_LIFE_NANOS));
      writer.kill();
      Contents left = instance.contents();
      assertEquals(version(number(left)), left);
      leftovers += files() > POOLS ? 1 : 0;
    }
    stop.set(true);
    reader.join();
    assertEquals(List.of(), torn);
    assertTrue(leftovers > 0, "no kill came between two steps");

    int next = Writer.next(number(instance.contents()));
    instance.replace(_ -> version(next), Progress.NONE);
    assertEquals(version(next), instance.contents());
    assertEquals(POOLS, files(), "what the killed left is swept away");
  }

  private void read(AtomicBoolean stop, List<String> torn) {
    try (Instance other = Instance.open(directory)) {
      while (!stop.get()) {
        Contents seen = other.contents();
        if (!seen.equals(version(number(seen)))) {
          torn.add(seen.toString());
          return;
        }
        other.releaseDeleted(other.configuration());
      }
    } catch (RuntimeException e) {
      torn.add(e.toString());
    }
  }

  private int files() throws IOException {
    try (Stream<Path> files = Files.list(directory.path())) {
      return (int) files.filter(file -> file.getFileName().toString().contains("pool-")).count();
    }
  }
}

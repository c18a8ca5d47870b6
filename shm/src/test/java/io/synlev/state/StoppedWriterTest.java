package io.synlev.state;

import static io.synlev.state.StateFixture.assertRefused;
import static io.synlev.state.StateFixture.backends;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A writer that does not go on while it holds the lock. */
class StoppedWriterTest {
  @TempDir Path temporary;
  private StateDirectory directory;
  private Instance instance;
  private ChildJvm writer;

  @BeforeEach
  void holdTheLock() {
    directory = StateFixture.create(temporary.resolve("state"));
    instance = Instance.open(directory);
    writer = ChildJvm.start(Holder.class, directory.base(), directory.instance());
    writer.expect("holding");
    System.setProperty(WriterLock.PATIENCE_PROPERTY, "50");
  }

  @AfterEach
  void end() {
    System.clearProperty(WriterLock.PATIENCE_PROPERTY);
    writer.close();
    instance.close();
  }

  /** Begins a change and finishes it when it is told to. */
  static final class Holder {
    private Holder() {}

    /** Arguments: base directory and instance. */
    public static void main(String[] args) {
      try (Instance instance = Instance.open(new StateDirectory(Path.of(args[0]), args[1]))) {
        instance.updatePool(
            "web",
            before -> {
              System.out.println("holding");
              try {
                System.in.read();
              } catch (IOException e) {
                throw new AssertionError(e);
              }
              return before.subList(0, 3);
            });
        System.out.println("done");
      }
    }
  }

  private void change() {
    instance.updatePool("web", before -> before.subList(0, 1));
  }

  @Test
  void shouldNameTheProcessThatHoldsTheLock() {
    assertRefused(
        this::change,
        "nothing is changed",
        directory.lock(),
        "more than 50 ms",
        "process " + writer.pid() + " (java): wait for it, or end it");
    writer.tell();
    writer.expect("done");
    change();
    assertEquals(backends(1, 1), instance.snapshot("web").backends());
  }

  @Test
  void shouldSayThatTheProcessIsStoppedAndHowItGoesOn() {
    assertTrue(Privileges.run("kill", "-STOP", "" + writer.pid()));
    assertRefused(this::change, "which is stopped", "'kill -CONT " + writer.pid() + "'");
    // Who only reads does not wait.
    assertEquals(backends(1, 4), instance.snapshot("web").backends());
    try (Instance another = Instance.open(directory)) {
      assertEquals(backends(1, 4), another.snapshot("web").backends());
    }
    assertTrue(Privileges.run("kill", "-CONT", "" + writer.pid()));
    writer.tell();
    writer.expect("done");
    assertEquals(backends(1, 3), instance.snapshot("web").backends());
    change();
  }

  @Test
  void shouldHaveTheLockOfAWriterThatDied() {
    writer.kill();
    change();
    assertEquals(backends(1, 1), instance.snapshot("web").backends());
  }

  @Test
  void shouldWaitForItsOwnThreadsToo() throws Exception {
    writer.tell();
    writer.expect("done");
    Thread[] threads = new Thread[4];
    for (int i = 0; i < threads.length; i++) {
      int weight = i + 2;
      threads[i] =
          new Thread(
              () ->
                  instance.updatePool(
                      "db",
                      before -> before.stream().map(b -> weigh(b, b.weight() + weight)).toList()));
      threads[i].start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    for (Backend backend : instance.snapshot("db").backends()) {
      assertEquals(1 + 2 + 3 + 4 + 5, backend.weight());
    }
  }

  private static Backend weigh(Backend backend, int weight) {
    return new Backend(
        backend.name(),
        backend.fwmark(),
        weight,
        backend.state(),
        backend.health(),
        null,
        null,
        null);
  }
}

package io.synlev.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.state.StateDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One server takes the place of another. */
@Timeout(60)
class TakePlaceTest {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final String WHO = "{\"jsonrpc\":\"2.0\",\"method\":\"who\",\"id\":1}\n";

  @TempDir Path base;
  private StateDirectory directory;
  private Path socket;

  @BeforeEach
  void createDirectory() throws IOException {
    directory = new StateDirectory(base, "tested");
    Files.createDirectory(directory.path());
    socket = directory.controlSocket();
  }

  private static Dispatcher named(String name) {
    return new Dispatcher().query("who", (caller, params) -> name);
  }

  private Object ask() {
    return ControlClient.ask(directory, "who", Map.of());
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(directory.path())) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  @Test
  void shouldBeFoundByNobodyWhileItStandsBy() throws IOException {
    try (ControlServer _ = ControlServer.start(socket, named("old"))) {
      ControlServer next = ControlServer.standBy(socket, named("new"));
      assertEquals("old", ask());
      next.close();
      assertEquals("old", ask());
      assertEquals(List.of("control.sock"), files());
    }
    assertEquals(List.of(), files());
  }

  @Test
  void shouldLeaveTheNameToTheNext() throws IOException {
    ControlServer old = ControlServer.start(socket, named("old"));
    ControlServer next = ControlServer.standBy(socket, named("new"));
    next.takePlace(socket);
    assertEquals("new", ask());
    old.close();
    assertEquals("new", ask());
    assertEquals(List.of("control.sock"), files());
    next.close();
    assertFalse(Files.exists(socket));
  }

  @Test
  void shouldServeWhoHasFoundItBefore() throws IOException {
    ControlServer old = ControlServer.start(socket, named("old"));
    try (ControlServer next = ControlServer.standBy(socket, named("new"));
        RawClient client = new RawClient(socket)) {
      next.takePlace(socket);
      Thread retiring = Thread.ofPlatform().start(() -> old.retire(LONG));
      assertTrue(client.send(WHO).line().contains("old"));
      assertTrue(retiring.isAlive());
      client.channel.shutdownOutput();
      assertNull(client.line());
      join(retiring);
    }
  }

  @Test
  void shouldNotWaitForeverForWhoStays() throws IOException {
    ControlServer old = ControlServer.start(socket, named("old"));
    try (RawClient client = new RawClient(socket)) {
      old.retire(Duration.ofMillis(20));
      assertNull(client.line());
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** What asks during the change is answered by the one or, asking again, by the other. */
  @Test
  void shouldAlwaysAnswer() {
    AtomicBoolean isEnding = new AtomicBoolean();
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Dispatcher methods = named("server 0");
    ControlServer serving = ControlServer.start(socket, methods);
    Thread asking =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    while (!isEnding.get()) {
                      assertTrue(ask().toString().startsWith("server"));
                    }
                  } catch (Throwable e) {
                    failure.set(e);
                  }
                });
    for (int i = 1; i <= 100; i++) {
      Dispatcher others = named("server " + i);
      ControlServer next = ControlServer.standBy(socket, others);
      methods.sendAway("ask the other");
      next.takePlace(socket);
      serving.retire(LONG);
      serving = next;
      methods = others;
    }
    isEnding.set(true);
    join(asking);
    serving.close();
    assertNull(failure.get(), () -> failure.get().toString());
  }
}

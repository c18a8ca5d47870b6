package io.synlev.ffi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

class NamespacesTest {

  private static final Path MINE = Path.of("/proc/thread-self/ns/net");

  private static String network() throws Exception {
    return Files.readSymbolicLink(MINE).toString();
  }

  private static <T> T onThread(Callable<T> body) throws Exception {
    FutureTask<T> task = new FutureTask<>(body);
    Thread.ofPlatform().start(task);
    return task.get();
  }

  @Test
  void shouldMoveOnlyTheCallingThread() throws Exception {
    String before = network();
    NativeException refused =
        onThread(
            () -> {
              try {
                Namespaces.enterNewNetwork();
                assertNotEquals(before, network());
                Namespaces.enterNetwork(Path.of("/proc/self/ns/net"));
                assertEquals(before, network());
                return null;
              } catch (NativeException e) {
                return e;
              }
            });
    assertEquals(before, network());
    if (refused != null && "true".equals(System.getenv("CI"))) {
      fail(refused);
    } else if (refused != null) {
      abort("needs root: " + refused.getMessage());
    }
  }

  @Test
  void shouldSayWhichFileIsNoNamespace() {
    NativeException absent =
        assertThrows(NativeException.class, () -> Namespaces.enterNetwork(Path.of("/absent")));
    assertTrue(absent.getMessage().startsWith("open(/absent): ENOENT"), absent.getMessage());
  }

  @Test
  void shouldKnowTheThreadsNumber() throws Exception {
    String link = Files.readSymbolicLink(Path.of("/proc/thread-self")).toString();
    assertTrue(link.endsWith("/task/" + Namespaces.threadId()), link);
  }
}

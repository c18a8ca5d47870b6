package io.synlev.lbd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.state.Instance;
import io.synlev.state.StateException;
import io.synlev.steering.View;
import io.synlev.steering.Views;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
class ConfigurationWatcherTest {
  private static final int DEFECTS = 3;

  @TempDir Path temporary;

  @Test
  void shouldGoOnAfterADefect() throws Exception {
    AtomicInteger looks = new AtomicInteger();
    try (TestInstance made = TestInstance.create(temporary.resolve("state"), "test")) {
      Instance instance = made.instance();
      Views views = new Views(View.compile(instance, 1), 1);
      ConfigurationWatcher watcher =
          new ConfigurationWatcher(
              instance,
              views,
              () -> {},
              () -> {
                if (looks.incrementAndGet() <= DEFECTS) {
                  throw new IllegalStateException("a defect");
                }
              });
      long before = views.current().generation();
      instance.updateServices(_ -> List.of());
      watcher.start();
      while (views.current().generation() == before) {
        Thread.sleep(10);
      }
      watcher.close();
      assertTrue(looks.get() > DEFECTS);
      assertEquals(instance.configurationGeneration(), views.current().generation());
    }
  }

  /** Tables of pools in use change without the watcher: backends come and go nevertheless. */
  @Test
  void shouldLookAtBackendsWhileAConfigurationIsRefused() throws Exception {
    AtomicInteger looks = new AtomicInteger();
    try (TestInstance made = TestInstance.create(temporary.resolve("state"), "test")) {
      Instance instance = made.instance();
      Views views = new Views(View.compile(instance, 1), 1);
      long before = views.current().generation();
      ConfigurationWatcher watcher =
          new ConfigurationWatcher(
              instance,
              views,
              () -> {
                throw new StateException("not with this datapath");
              },
              () -> {});
      watcher.onSync(looks::incrementAndGet);
      instance.updateServices(_ -> List.of());
      assertThrows(StateException.class, watcher::sync);
      assertEquals(before, views.current().generation());
      assertEquals(1, looks.get());
    }
  }
}

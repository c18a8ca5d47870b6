package io.synlev.threads;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class ThreadsTest {

  @Test
  void shouldWaitForTheEndThoughInterruptedAndKeepTheInterrupt() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    Thread ending = Thread.ofPlatform().start(() -> awaitQuietly(end));
    boolean[] wasInterrupted = new boolean[1];
    Thread waiting =
        Thread.ofPlatform()
            .start(
                () -> {
                  Thread.currentThread().interrupt();
                  Threads.awaitEnd(ending);
                  wasInterrupted[0] = Thread.currentThread().isInterrupted();
                });
    while (waiting.getState() != Thread.State.WAITING) {
      Thread.onSpinWait(); // the interrupt was taken, and it waits nevertheless
    }
    end.countDown();
    waiting.join();
    assertFalse(ending.isAlive());
    assertTrue(wasInterrupted[0]);
  }

  private static void awaitQuietly(CountDownLatch end) {
    try {
      end.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}

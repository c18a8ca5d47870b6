package io.synlev.magctl;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Lets a command end in order when it is asked to with Ctrl-C or SIGTERM: what it has begun is
 * finished, and its exit code counts.
 */
final class Interruption implements AutoCloseable {
  private static final long PATIENCE_MILLIS = 5_000;

  private final CountDownLatch asked = new CountDownLatch(1);
  private final Thread command = Thread.currentThread();
  private final Thread hook = new Thread(this::end, "interruption");

  /** Listens from now on; the calling thread is the command's. */
  Interruption() {
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** The process ends when the command's thread halts it, or when this returns. */
  private void end() {
    asked.countDown();
    try {
      command.join(PATIENCE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits so long, 0 or more, or until asked to end; true if asked. */
  boolean isAsked(long millis) {
    try {
      return asked.await(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException ending) {
      // It runs already, and waits for us.
    }
  }
}

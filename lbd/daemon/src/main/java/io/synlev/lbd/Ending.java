package io.synlev.lbd;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** How the process ends: on a signal, on a control call, or because a worker failed. */
final class Ending {
  /** Then the process goes without its goodbyes; stopping takes a few milliseconds. */
  private static final int PATIENCE_SECONDS = 5;

  private final CountDownLatch requested = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private volatile int exitCode = Lbd.FAILED;

  /** From now on SIGTERM, SIGINT and SIGHUP are requests; the JVM turns each into a shutdown. */
  void onSignals() {
    try {
      Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(this::shutDown));
    } catch (IllegalStateException e) {
      request(); // A signal came before; the JVM is going already.
    }
  }

  private void shutDown() {
    if (ended.getCount() == 0) {
      return; // No signal, but end().
    }
    request();
    try {
      if (!ended.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        System.err.println("lbd: stopping took more than " + PATIENCE_SECONDS + " s, giving up");
      }
    } catch (InterruptedException e) {
      // Nobody interrupts a hook.
    }
    // Otherwise the JVM would exit with 128 + the signal's number, which looks like a failure.
    Runtime.getRuntime().halt(exitCode);
  }

  /** Asks for the end and returns at once. Any thread. */
  void request() {
    requested.countDown();
  }

  /** Whether the end was asked for. */
  boolean isRequested() {
    return requested.getCount() == 0;
  }

  /** Asks for the end because something broke. Any thread. */
  void fail(Throwable cause) {
    failure.compareAndSet(null, cause);
    request();
  }

  /**
   * Waits until the end is asked for.
   *
   * @return what broke, or null
   */
  Throwable await() {
    boolean isRequested = false;
    while (!isRequested) {
      try {
        requested.await();
        isRequested = true;
      } catch (InterruptedException e) {
        // Nobody interrupts the main thread.
      }
    }
    return failure.get();
  }

  /** Ends the process, unless a signal is about to. */
  void end(int code) {
    exitCode = code;
    ended.countDown();
    System.exit(code);
  }
}

package io.synlev.magctl;

/**
 * Says on a terminal that something takes long, and how long it has taken. Work that ends within
 * the first moment shows nothing.
 */
final class Progress implements AutoCloseable {
  private static final long FIRST_MILLIS = 700;
  private static final long STEP_MILLIS = 200;

  private final Thread thread;

  private Progress(Thread thread) {
    this.thread = thread;
  }

  /** Starts to watch, if somebody is looking. */
  static Progress on(Console console, String what) {
    if (!console.progress()) {
      return new Progress(null);
    }
    Thread thread = new Thread(() -> show(console, what), "progress");
    thread.setDaemon(true);
    thread.start();
    return new Progress(thread);
  }

  private static void show(Console console, String what) {
    long start = System.nanoTime();
    boolean shown = false;
    try {
      Thread.sleep(FIRST_MILLIS);
      while (true) {
        long tenths = (System.nanoTime() - start) / 100_000_000;
        console.writeError("\r" + what + "... " + tenths / 10 + "." + tenths % 10 + " s");
        shown = true;
        Thread.sleep(STEP_MILLIS);
      }
    } catch (InterruptedException done) {
      if (shown) {
        console.writeError("\r\u001b[K");
      }
    }
  }

  @Override
  public void close() {
    if (thread == null) {
      return;
    }
    thread.interrupt();
    try {
      // The line must be wiped before the result is printed.
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

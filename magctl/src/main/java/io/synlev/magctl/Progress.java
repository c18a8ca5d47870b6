package io.synlev.magctl;

/**
 * Says on a terminal that something takes long, and how long it has taken. Work that ends within
 * the first moment shows nothing.
 */
final class Progress implements AutoCloseable {
  private static final long FIRST_MILLIS = 500;
  private static final long STEP_MILLIS = 200;

  private volatile String what;
  private Thread thread;

  private Progress(String what) {
    this.what = what;
  }

  /** Starts to watch, if somebody is looking. */
  static Progress on(Console console, String what) {
    Progress progress = new Progress(what);
    if (console.progress()) {
      progress.thread = new Thread(() -> progress.show(console), "progress");
      progress.thread.setDaemon(true);
      progress.thread.start();
    }
    return progress;
  }

  /** Says what is done now; shown at the next step. Any thread. */
  void say(String now) {
    what = now;
  }

  private void show(Console console) {
    long start = System.nanoTime();
    boolean shown = false;
    try {
      Thread.sleep(FIRST_MILLIS);
      while (true) {
        long tenths = (System.nanoTime() - start) / 100_000_000;
        console.writeError("\r\u001b[K" + what + "... " + tenths / 10 + "." + tenths % 10 + " s");
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

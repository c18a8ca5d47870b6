package io.synlev.threads;

/** Ends of threads. Any thread may call. */
public final class Threads {
  private Threads() {}

  /**
   * Waits until a thread that was told to end has ended. An interrupt does not shorten that; it is
   * there again afterwards.
   *
   * @param thread not the calling one
   */
  public static void awaitEnd(Thread thread) {
    boolean isInterrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        isInterrupted = true;
      }
    }
    if (isInterrupted) {
      Thread.currentThread().interrupt();
    }
  }
}

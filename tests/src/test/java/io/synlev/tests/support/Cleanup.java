package io.synlev.tests.support;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What must be undone at the end, whatever happens: the last thing made goes first. Everything that
 * is open when the JVM ends (Ctrl-C, SIGTERM, a forked test JVM being told to stop) is closed too.
 * Thread-safe.
 */
final class Cleanup {
  private static final Deque<AutoCloseable> OPEN = new ArrayDeque<>();

  static {
    Runtime.getRuntime().addShutdownHook(new Thread(Cleanup::closeAll, "cleanup"));
  }

  private Cleanup() {}

  /** Closes {@code resource} at the latest when the JVM ends. */
  static void register(AutoCloseable resource) {
    synchronized (OPEN) {
      OPEN.push(resource);
    }
  }

  /** {@code resource} has been closed. */
  static void forget(AutoCloseable resource) {
    synchronized (OPEN) {
      OPEN.remove(resource);
    }
  }

  private static void closeAll() {
    for (AutoCloseable resource; (resource = next()) != null; ) {
      try {
        resource.close();
      } catch (Exception e) {
        System.err.println("cleaning up " + resource + ": " + e);
      }
    }
  }

  private static AutoCloseable next() {
    synchronized (OPEN) {
      return OPEN.poll();
    }
  }
}

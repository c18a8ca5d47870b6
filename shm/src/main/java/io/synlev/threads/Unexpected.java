package io.synlev.threads;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.function.LongSupplier;

/**
 * Tells of exceptions that nobody expected, on a thread that goes on nevertheless: with the stack,
 * and the same one again after a minute at the earliest. One thread.
 */
public final class Unexpected {
  private static final long AGAIN_NANOS = 60_000_000_000L;

  private final Logger log;
  private final String what;
  private final LongSupplier nanos;
  private String last = "";
  private long lastNanos;

  /**
   * Tells of nothing yet.
   *
   * @param what what fails, such as {@code "the look at drains"}
   */
  public Unexpected(Logger log, String what) {
    this(log, what, System::nanoTime);
  }

  Unexpected(Logger log, String what, LongSupplier nanos) {
    this.log = log;
    this.what = what;
    this.nanos = nanos;
  }

  /** Tells of one, unless it was told just before. */
  public void tell(RuntimeException e) {
    long now = nanos.getAsLong();
    String text = e.toString();
    if (!text.equals(last) || now - lastNanos >= AGAIN_NANOS) {
      last = text;
      lastNanos = now;
      log.log(
          Level.ERROR,
          what + " failed and is tried again; this is a defect, please report it: " + text,
          e);
    }
  }
}

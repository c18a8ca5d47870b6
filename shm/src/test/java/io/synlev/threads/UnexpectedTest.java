package io.synlev.threads;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class UnexpectedTest {
  private static final Logger LOGGER = Logger.getLogger(UnexpectedTest.class.getName());

  private final List<LogRecord> told = new ArrayList<>();
  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord one) {
          told.add(one);
        }

        @Override
        public void flush() {
          // Nothing is kept back.
        }

        @Override
        public void close() {
          // Nothing is open.
        }
      };

  private long now;

  @AfterEach
  void remove() {
    LOGGER.removeHandler(handler);
  }

  @Test
  void shouldTellTheSameOnceAMinute() {
    LOGGER.addHandler(handler);
    LOGGER.setUseParentHandlers(false);
    Unexpected looks =
        new Unexpected(System.getLogger(UnexpectedTest.class.getName()), "the look", () -> now);
    RuntimeException first = new IllegalStateException("one");
    looks.tell(first);
    for (now = 1; now < 60_000_000_000L; now += 1_000_000_000L) {
      looks.tell(new IllegalStateException("one"));
    }
    assertEquals(1, told.size());
    assertSame(first, told.getFirst().getThrown());
    assertEquals(
        "the look failed and is tried again; this is a defect, please report it:"
            + " java.lang.IllegalStateException: one",
        told.getFirst().getMessage());
    looks.tell(new IllegalStateException("another"));
    assertEquals(2, told.size());
    now += 61_000_000_000L;
    looks.tell(new IllegalStateException("another"));
    assertEquals(3, told.size());
  }
}

package io.synlev.lbd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StderrLoggingTest {
  private static final String TIME = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z ";

  private final ByteArrayOutputStream said = new ByteArrayOutputStream();
  private final Logger ours = System.getLogger("io.synlev.test");
  private final Logger theirs = System.getLogger("java.lang.Runtime");
  private PrintStream stderr;

  @BeforeEach
  void listen() {
    stderr = System.err;
    System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
  }

  @AfterEach
  void restore() {
    System.setErr(stderr);
    StderrLogging.setLevel(Level.INFO);
  }

  private String text() {
    return said.toString(StandardCharsets.UTF_8);
  }

  @Test
  void shouldWriteTimeLevelAndMessageOnOneLine() {
    ours.log(Level.INFO, "it's {0} o'clock");
    assertTrue(text().matches(TIME + "INFO  it's \\{0} o'clock\n"), text());
  }

  @Test
  void shouldFollowTheLevelForOursAndWarnOnlyOfOthers() {
    ours.log(Level.DEBUG, "quiet");
    theirs.log(Level.INFO, "quiet");
    assertEquals("", text());
    StderrLogging.setLevel(Level.DEBUG);
    theirs.log(Level.INFO, "quiet");
    assertEquals("", text());
    ours.log(Level.DEBUG, "loud");
    theirs.log(Level.WARNING, "loud");
    assertEquals(2, text().lines().count());
  }

  @Test
  void shouldWriteTheTraceOfWhatWasThrown() {
    ours.log(Level.ERROR, "failed", new IllegalStateException("why"));
    assertTrue(text().contains("java.lang.IllegalStateException: why\n\tat io.synlev"), text());
  }
}

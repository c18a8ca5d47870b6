package io.synlev.lbd;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.System.Logger.Level;
import java.text.MessageFormat;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ResourceBundle;

/**
 * The log: one line on stderr for each event, as time (UTC), level and message. Found by {@link
 * System#getLogger} as a service; it stands in for java.util.logging, which would take 20 ms and 2
 * MB of every start.
 *
 * <p>Ours are logged from the level that was chosen; others' (the JDK's) from WARNING.
 */
public final class StderrLogging extends System.LoggerFinder {
  private static final String OURS = "io.synlev.";

  private static volatile Level threshold = Level.INFO;

  /** For the service loader. */
  public StderrLogging() {}

  /** Logs our events of this level and above from now on. Any thread. */
  static void setLevel(Level level) {
    threshold = level;
  }

  /** The level from which our events are logged. */
  static Level level() {
    return threshold;
  }

  @Override
  public System.Logger getLogger(String name, Module module) {
    return new StderrLogger(name, name.startsWith(OURS));
  }

  private static void write(Level level, String message, Throwable thrown) {
    StringBuilder line = new StringBuilder(64 + message.length());
    line.append(Instant.now().truncatedTo(ChronoUnit.MILLIS)).append(' ');
    line.append(level.getName()).append(level.getName().length() < 5 ? "  " : " ");
    line.append(message).append('\n');
    if (thrown != null) {
      StringWriter trace = new StringWriter();
      thrown.printStackTrace(new PrintWriter(trace, true));
      line.append(trace);
    }
    System.err.print(line);
  }

  private record StderrLogger(String name, boolean isOurs) implements System.Logger {
    @Override
    public String getName() {
      return name;
    }

    @Override
    public boolean isLoggable(Level level) {
      Level least = isOurs ? threshold : Level.WARNING;
      return level.getSeverity() >= least.getSeverity() && level != Level.OFF;
    }

    @Override
    public void log(Level level, ResourceBundle bundle, String message, Throwable thrown) {
      if (isLoggable(level)) {
        write(level, String.valueOf(message), thrown);
      }
    }

    @Override
    public void log(Level level, ResourceBundle bundle, String format, Object... parameters) {
      if (isLoggable(level)) {
        boolean isPlain = parameters == null || parameters.length == 0;
        write(
            level,
            isPlain ? String.valueOf(format) : new MessageFormat(format).format(parameters),
            null);
      }
    }
  }
}

package io.synlev.tests.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The one way to run a command: no shell, no input, output into files. Thread-safe. */
public final class Commands {
  private static final long DEADLINE_SECONDS = 120;

  private Commands() {}

  /**
   * What a command did.
   *
   * @param command its words
   * @param exit its exit code; 128 + n when a signal ended it
   */
  public record Result(List<String> command, int exit, String out, String err) {
    /** Itself, if the command succeeded. */
    public Result orFail() {
      if (exit != 0) {
        throw new AssertionError(this);
      }
      return this;
    }

    @Override
    public String toString() {
      return "%s\nexit %d\n%s%s".formatted(String.join(" ", command), exit, out, err);
    }
  }

  /** Runs a command to its end. */
  public static Result run(List<String> command) {
    return run(command, Map.of());
  }

  /**
   * Runs a command to its end.
   *
   * @throws AssertionError if it has not ended after two minutes; it is killed then
   */
  public static Result run(List<String> command, Map<String, String> environment) {
    try (RunningCommand running = start(command, environment)) {
      return running.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS);
    }
  }

  /** Starts a command; it is killed at the latest when the JVM ends. */
  public static RunningCommand start(List<String> command, Map<String, String> environment) {
    try {
      Path out = Files.createTempFile("synlev-test-", ".out");
      Path err = Files.createTempFile("synlev-test-", ".err");
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
              .redirectOutput(out.toFile())
              .redirectError(err.toFile());
      builder.environment().putAll(environment);
      return new RunningCommand(command, builder.start(), out, err);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start " + command, e);
    }
  }
}

package io.synlev.tests.support;

import io.synlev.tests.support.Commands.Result;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A command that was started. Closing it kills it, its children too. */
public final class RunningCommand implements AutoCloseable {
  private final List<String> command;
  private final Process process;
  private final Path out;
  private final Path err;

  RunningCommand(List<String> command, Process process, Path out, Path err) {
    this.command = List.copyOf(command);
    this.process = process;
    this.out = out;
    this.err = err;
    Cleanup.register(this);
  }

  /** Its process number. */
  public long pid() {
    return process.pid();
  }

  /** Whether it still runs. */
  public boolean isAlive() {
    return process.isAlive();
  }

  /** What it has written to standard output so far. */
  public String out() {
    return read(out);
  }

  /** What it has written to standard error so far. */
  public String err() {
    return read(err);
  }

  /** Sends SIGTERM. */
  public void terminate() {
    process.destroy();
  }

  /** Sends SIGKILL. */
  public void kill() {
    process.destroyForcibly();
  }

  /**
   * Waits for its end.
   *
   * @throws AssertionError if it does not end in time
   */
  public Result waitFor(long timeout, TimeUnit unit) {
    try {
      if (!process.waitFor(timeout, unit)) {
        throw new AssertionError(
            "still running after %d %s: %s\n%s%s"
                .formatted(timeout, unit, String.join(" ", command), out(), err()));
      }
      return new Result(command, process.exitValue(), out(), err());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while waiting for " + command, e);
    }
  }

  /** Waits for its end, at most a minute. */
  public Result waitFor() {
    return waitFor(60, TimeUnit.SECONDS);
  }

  /** Sends SIGTERM and waits for the end. */
  public Result stop() {
    terminate();
    return waitFor();
  }

  @Override
  public void close() {
    try {
      if (process.isAlive()) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        process.waitFor();
      }
      Files.deleteIfExists(out);
      Files.deleteIfExists(err);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      Cleanup.forget(this);
    }
  }

  @Override
  public String toString() {
    return String.join(" ", command);
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

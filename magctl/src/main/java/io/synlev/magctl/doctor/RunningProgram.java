package io.synlev.magctl.doctor;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** A program that was started: threads of its own feed it and read what it prints. */
final class RunningProgram implements Supplier<Programs.Output> {
  private static final long PATIENCE_SECONDS = 10;

  /** What fits into a pipe of Linux, pipe(7). */
  private static final int PIPE_BYTES = 65_536;

  private final Process process;
  private final FutureTask<String> out;
  private final FutureTask<String> err;

  private RunningProgram(Process process, String input) {
    this.process = process;
    out = new FutureTask<>(() -> read(process.inputReader(StandardCharsets.UTF_8)));
    err = new FutureTask<>(() -> read(process.errorReader(StandardCharsets.UTF_8)));
    Thread.ofPlatform().daemon().start(out);
    Thread.ofPlatform().daemon().start(err);
    if (input.length() <= PIPE_BYTES / 4) {
      feed(input);
    } else {
      // More than the pipe takes: whoever reads slowly must not hold us up.
      Thread.ofPlatform().daemon().start(() -> feed(input));
    }
  }

  static Supplier<Programs.Output> start(String path, String input, List<String> command) {
    List<String> words = new ArrayList<>(command);
    words.set(0, find(command.getFirst(), path));
    try {
      ProcessBuilder builder = new ProcessBuilder(words);
      builder.environment().put("LC_ALL", "C");
      return new RunningProgram(builder.start(), input);
    } catch (IOException e) {
      Programs.Output missing =
          new Programs.Output(Programs.MISSING, "", String.valueOf(e.getMessage()));
      return () -> missing;
    }
  }

  private static String find(String program, String path) {
    if (program.indexOf('/') < 0) {
      for (String directory : path.split(":")) {
        if (!directory.isEmpty() && Files.isExecutable(Path.of(directory, program))) {
          return directory + "/" + program;
        }
      }
    }
    return program;
  }

  private void feed(String input) {
    try (OutputStream in = process.getOutputStream()) {
      in.write(input.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      // It did not want all of it.
    }
  }

  private static String read(BufferedReader from) throws IOException {
    try (from) {
      StringBuilder text = new StringBuilder();
      char[] piece = new char[8192];
      for (int n = from.read(piece); n >= 0; n = from.read(piece)) {
        text.append(piece, 0, n);
      }
      return text.toString();
    }
  }

  @Override
  public Programs.Output get() {
    try {
      String printed = out.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      String said = err.get(PATIENCE_SECONDS, TimeUnit.SECONDS).strip();
      return new Programs.Output(process.waitFor(), printed, said);
    } catch (TimeoutException e) {
      return ended("it took longer than " + PATIENCE_SECONDS + " s");
    } catch (ExecutionException e) {
      return ended(String.valueOf(e.getCause()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return ended("interrupted");
    }
  }

  private Programs.Output ended(String reason) {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    return new Programs.Output(Programs.LATE, "", reason);
  }
}

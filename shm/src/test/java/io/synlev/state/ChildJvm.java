package io.synlev.state;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A second process with the code under test. It dies with its parent: its main method must read
 * standard input until its end, as {@link #endWithParent} does.
 */
final class ChildJvm implements AutoCloseable {
  private static final int PATIENCE_SECONDS = 60;

  private final Process process;
  private final BufferedReader output;

  private ChildJvm(Process process) {
    this.process = process;
    this.output = process.inputReader();
  }

  /** Starts {@code main} with the classes under test and nothing else: that is quick. */
  static ChildJvm start(Class<?> main, Object... arguments) {
    return start(List.of(), List.of(), quickClassPath(main), main, arguments);
  }

  /** Starts {@code main} with the class path and the flags of this process. */
  static ChildJvm withAllClasses(Class<?> main, Object... arguments) {
    return start(List.of(), flags(), fullClassPath(), main, arguments);
  }

  /**
   * Starts {@code main}.
   *
   * @param wrapper a command that runs a command, such as setpriv
   * @param flags more flags of the JVM
   */
  static ChildJvm start(
      List<String> wrapper,
      List<String> flags,
      String classPath,
      Class<?> main,
      Object... arguments) {
    List<String> command = new ArrayList<>(wrapper);
    command.add(ProcessHandle.current().info().command().orElseThrow());
    command.addAll(
        List.of(
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Xmx64m",
            "-Xshare:auto",
            "--enable-native-access=ALL-UNNAMED"));
    command.addAll(flags);
    command.addAll(List.of("-cp", classPath, main.getName()));
    for (Object argument : arguments) {
      command.add(argument.toString());
    }
    try {
      return new ChildJvm(new ProcessBuilder(command).redirectErrorStream(true).start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Flags of this process that Chronicle-Map needs. */
  static List<String> flags() {
    List<String> flags = new ArrayList<>();
    for (String flag : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      if (flag.startsWith("--add-")
          || flag.startsWith("--sun-misc")
          || flag.startsWith("-Dchronicle")) {
        flags.add(flag);
      }
    }
    return flags;
  }

  static String quickClassPath(Class<?> main) {
    return place(Instance.class) + ":" + place(main);
  }

  static String fullClassPath() {
    // Surefire starts this process with a jar that only names the class path.
    return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
  }

  /** The directory or jar of a class. */
  static Path place(Class<?> type) {
    return Path.of(type.getProtectionDomain().getCodeSource().getLocation().getPath());
  }

  /** In a child: ends the process when the parent is gone. */
  static void endWithParent() {
    Thread watcher =
        new Thread(
            () -> {
              try {
                while (System.in.read() >= 0) {
                  // Nobody speaks any more; the end is what we wait for.
                }
              } catch (IOException e) {
                // The same.
              }
              Runtime.getRuntime().halt(0);
            });
    watcher.setDaemon(true);
    watcher.start();
  }

  /** Waits for the next line, which must be {@code expected}. */
  void expect(String expected) {
    String line = line();
    if (!expected.equals(line)) {
      throw new AssertionError("instead of '" + expected + "': " + line + "\n" + rest());
    }
  }

  /** The next line; null at the end. */
  String line() {
    try {
      return output.readLine();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Everything up to the end of the process. */
  String rest() {
    try {
      return output.readAllAsString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sends one byte. */
  void tell() {
    try {
      process.getOutputStream().write('\n');
      process.getOutputStream().flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Closes its input: it finishes and says what it has to say. */
  String finish() {
    try {
      process.getOutputStream().close();
      String said = rest();
      awaitEnd();
      return said;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** SIGKILL, and waits until it is gone. */
  void kill() {
    process.destroyForcibly();
    awaitEnd();
  }

  private void awaitEnd() {
    try {
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new AssertionError("process " + process.pid() + " does not end");
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  int exitCode() {
    awaitEnd();
    return process.exitValue();
  }

  long pid() {
    return process.pid();
  }

  @Override
  public void close() {
    kill();
  }
}

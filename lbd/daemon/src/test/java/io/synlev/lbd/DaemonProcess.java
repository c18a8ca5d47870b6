package io.synlev.lbd;

import static org.junit.jupiter.api.Assertions.fail;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** The daemon in a process of its own. */
final class DaemonProcess implements AutoCloseable {
  private final Process process;
  private final BufferedReader lines;
  private final StringBuilder log = new StringBuilder();

  private DaemonProcess(Process process) {
    this.process = process;
    this.lines = process.inputReader();
  }

  /**
   * Starts it.
   *
   * @param wrapper what runs it, such as setpriv with its options; may be empty
   */
  static DaemonProcess start(Network network, List<String> wrapper, List<String> arguments)
      throws IOException {
    List<String> command = new ArrayList<>(wrapper);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    for (String flag : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      if (flag.startsWith("--") || flag.startsWith("-Dchronicle")) {
        command.add(flag);
      }
    }
    command.addAll(List.of("-Xms32m", "-Xmx32m", "-XX:+UseSerialGC"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Lbd.class.getName()));
    command.addAll(arguments);
    return new DaemonProcess(
        new ProcessBuilder(network.command(command)).redirectErrorStream(true).start());
  }

  /** Reads its log up to a line with this text. */
  DaemonProcess await(String text) throws IOException {
    String line = lines.readLine();
    while (line != null) {
      log.append(line).append('\n');
      if (line.contains(text)) {
        return this;
      }
      line = lines.readLine();
    }
    return fail("the daemon ended without saying '" + text + "':\n" + log);
  }

  /** Reads its log until each of these was on a line, in whatever order: threads write it. */
  DaemonProcess awaitAll(String... texts) throws IOException {
    Set<String> missing = new HashSet<>(List.of(texts));
    while (!missing.isEmpty()) {
      String line = lines.readLine();
      if (line == null) {
        return fail("the daemon ended without saying " + missing + ":\n" + log);
      }
      log.append(line).append('\n');
      missing.removeIf(line::contains);
    }
    return this;
  }

  long pid() {
    return process.pid();
  }

  /** Sends a signal. */
  void signal(String name) throws IOException, InterruptedException {
    int result =
        new ProcessBuilder("kill", "-s", name, String.valueOf(pid())).inheritIO().start().waitFor();
    if (result != 0) {
      fail("kill -s " + name + " failed");
    }
  }

  /** Waits for its end and returns the exit code. */
  int exitCode() throws IOException, InterruptedException {
    String line = lines.readLine();
    while (line != null) {
      log.append(line).append('\n');
      line = lines.readLine();
    }
    if (!process.waitFor(20, TimeUnit.SECONDS)) {
      fail("the daemon has closed its log but does not end:\n" + log);
    }
    return process.exitValue();
  }

  /** What it has said so far, as far as it was read. */
  String log() {
    return log.toString();
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

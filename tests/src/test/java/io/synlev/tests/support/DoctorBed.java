package io.synlev.tests.support;

import io.synlev.tests.support.Commands.Result;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;

/** A balancer with two servers, routed and SYN-only, in which things can be broken and mended. */
public final class DoctorBed implements AutoCloseable {
  private static final String[] INSTALL = {"--return", "routed", "--mode", "syn"};

  private final TestBed bed;
  private Daemon daemon;

  private DoctorBed(TestBed bed) {
    this.bed = bed;
  }

  /** Starts all of it. */
  public static DoctorBed start() {
    DoctorBed made = new DoctorBed(TestBed.with(ReturnMode.ROUTED, 2));
    try {
      made.startDaemon();
      made.install("--queue", "2");
      return made;
    } catch (RuntimeException | Error e) {
      made.close();
      throw e;
    }
  }

  /** Its lab. */
  public Lab lab() {
    return bed.lab();
  }

  /** Starts the daemon. */
  void startDaemon() {
    daemon = bed.balancer().daemon("--queue", "2");
  }

  /** Kills the daemon. */
  void killDaemon() {
    signal("KILL");
    Await.until("lbd is gone", () -> !daemon.isAlive());
  }

  /** Sends a signal to the daemon. */
  void signal(String name) {
    Commands.run(List.of("kill", "-" + name, "" + daemon.pid())).orFail();
  }

  /** Installs rules with more options. */
  void install(String... options) {
    List<String> command = new java.util.ArrayList<>(List.of("install"));
    command.addAll(List.of(INSTALL));
    if (!List.of(options).contains("--interface")) {
      command.addAll(List.of("--interface", Lab.CLIENT));
    }
    command.addAll(List.of(options));
    bed.balancer().rules(command.toArray(String[]::new)).orFail();
  }

  /** Brings the rules in line. */
  void sync() {
    bed.balancer().rules("sync").orFail();
  }

  /** Runs a line of shell on the balancer's node. */
  void onBalancer(String line) {
    lab().run(Lab.LB, "sh", "-ec", line).orFail();
  }

  /** Runs a line of shell on each server. */
  public void onServers(String line) {
    lab().servers().forEach(server -> lab().run(server, "sh", "-ec", line).orFail());
  }

  /** Runs magctl on the balancer's node. */
  public Result magctl(String... arguments) {
    try (RunningCommand running = start(List.of(arguments))) {
      return running.waitFor();
    }
  }

  /** Starts magctl on the balancer's node. */
  public RunningCommand start(List<String> arguments) {
    return bed.balancer().startMagctlOnNode(arguments.toArray(String[]::new));
  }

  /** The instance's state directory. */
  Path directory() {
    return bed.balancer().directory().path();
  }

  /**
   * Changes the layout version in the registry: the int at offset 8 of the region, which begins
   * where the third long of the file's last 40 bytes says (docs/state.md).
   */
  void addToLayoutVersion(int difference) {
    try (RandomAccessFile file =
        new RandomAccessFile(directory().resolve("registry").toFile(), "rw")) {
      file.seek(file.length() - 40 + 16);
      long region = Long.reverseBytes(file.readLong());
      file.seek(region + 8);
      int version = Integer.reverseBytes(file.readInt());
      file.seek(region + 8);
      file.writeInt(Integer.reverseBytes(version + difference));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    bed.close();
  }
}

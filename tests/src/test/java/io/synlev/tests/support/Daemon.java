package io.synlev.tests.support;

import io.synlev.control.ControlClient;
import io.synlev.control.ControlException;
import io.synlev.state.StateDirectory;
import io.synlev.tests.support.Commands.Result;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A running lbd. */
public final class Daemon implements AutoCloseable {
  private final RunningCommand process;
  private final StateDirectory directory;

  private Daemon(RunningCommand process, StateDirectory directory) {
    this.process = process;
    this.directory = directory;
  }

  static Daemon start(RunningCommand process, StateDirectory directory) {
    Daemon daemon = new Daemon(process, directory);
    try {
      Await.until("lbd serves", Duration.ofSeconds(20), daemon::servesOrFails, process::err);
      return daemon;
    } catch (AssertionError e) {
      process.close();
      throw e;
    }
  }

  /** Starts one that takes over from another: it serves when its own status says so. */
  static Daemon succeed(RunningCommand process, StateDirectory directory) {
    Daemon daemon = new Daemon(process, directory);
    try {
      Await.until(
          "lbd has taken over",
          Duration.ofSeconds(20),
          () -> daemon.servesOrFails() && daemon.status().number("pid") == process.pid(),
          process::err);
      return daemon;
    } catch (AssertionError e) {
      process.close();
      throw e;
    }
  }

  private boolean servesOrFails() {
    if (!process.isAlive()) {
      throw new AssertionError("lbd ended: " + process.waitFor());
    }
    if (!Files.exists(directory.controlSocket())) {
      return false;
    }
    try {
      status();
      return true;
    } catch (ControlException notYet) {
      return false;
    }
  }

  /** What it says of itself. */
  public Json status() {
    return call("status");
  }

  /** Its counters. */
  public Json stats() {
    return call("stats");
  }

  /** How many packets it has decided about for a reason, by its label. */
  public long decided(String reason) {
    return stats().numbers("reasons").get(reason);
  }

  /** Live flows that tc carries, and what its program has counted. */
  public Json flows() {
    return call("flows.count");
  }

  /** What drains, and what has drained. */
  public Json drains() {
    return call("drain.status");
  }

  /** How often tc's program has met with something, by the counter's label. */
  public long program(String counter) {
    return flows().numbers("program").get(counter);
  }

  /** Packets that each worker has decided about. */
  public List<Long> packetsByWorker() {
    return stats().objects("workers").stream().map(worker -> worker.number("packets")).toList();
  }

  /** Packets that it has decided about. */
  public long packets() {
    return packetsByWorker().stream().mapToLong(Long::longValue).sum();
  }

  private Json call(String method) {
    return Json.of(ControlClient.ask(directory, method, Map.of()));
  }

  /** Its process number. */
  public long pid() {
    return process.pid();
  }

  /** Whether it still runs. */
  public boolean isAlive() {
    return process.isAlive();
  }

  /** Its log. */
  public String log() {
    return process.err();
  }

  /** Asks it to end, with SIGTERM, and waits. */
  public Result stop() {
    return process.stop();
  }

  /** Waits for its end. */
  public Result awaitEnd() {
    return process.waitFor();
  }

  /** Ends it with SIGKILL and waits. */
  public Result kill() {
    process.kill();
    return process.waitFor();
  }

  @Override
  public void close() {
    process.close();
  }
}

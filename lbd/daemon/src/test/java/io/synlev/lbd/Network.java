package io.synlev.lbd;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A network namespace that lives as long as a process of ours, so that nothing can be left over.
 */
final class Network implements AutoCloseable {
  private final Process holder;

  private Network(Process holder) {
    this.holder = holder;
  }

  /** Makes one; skips the test when that cannot be, and fails it in CI. */
  static Network create() throws IOException, InterruptedException {
    Process holder =
        new ProcessBuilder("unshare", "--net", "sh", "-c", "echo there && exec sleep 600")
            .redirectErrorStream(true)
            .start();
    Network network = new Network(holder);
    try {
      String said = holder.inputReader().readLine();
      if (!"there".equals(said)) {
        throw new IOException("unshare --net: " + said);
      }
      network.run("ip", "link", "set", "lo", "up");
      // The kernel's queue table is there once somebody has asked for a queue.
      network.run("iptables", "-t", "mangle", "-A", "OUTPUT", "-d", "192.0.2.1", "-j", "NFQUEUE");
      return network;
    } catch (IOException e) {
      network.close();
      String reason = "needs root, util-linux, iproute2, iptables and NFQUEUE: " + e.getMessage();
      if ("true".equals(System.getenv("CI"))) {
        fail(reason);
      }
      abort(reason);
      throw e;
    }
  }

  /** The command that runs another one in here. */
  List<String> command(List<String> command) {
    List<String> inside = new ArrayList<>();
    inside.addAll(List.of("nsenter", "--target", String.valueOf(holder.pid()), "--net", "--"));
    inside.addAll(command);
    return inside;
  }

  /** Runs a command to its end and returns what it printed. */
  String run(String... command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command(List.of(command))).redirectErrorStream(true).start();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).trim();
    if (process.waitFor() != 0) {
      throw new IOException(String.join(" ", command) + ": " + output);
    }
    return output;
  }

  /** The queues that are bound, as the kernel's table shows them. */
  String boundQueues() throws IOException, InterruptedException {
    return run("cat", "/proc/net/netfilter/nfnetlink_queue");
  }

  @Override
  public void close() {
    holder.destroyForcibly();
    try {
      holder.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

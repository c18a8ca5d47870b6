package io.synlev.netlink;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import io.synlev.ffi.Namespaces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Runs a test's body on a thread in a network namespace of its own, which ends with the thread. In
 * it is a veth pair: {@code out}, 192.0.2.1/24 and 2001:db8:1::1/64, whose other end is {@code in}.
 */
final class OwnNetwork {

  /** The body. */
  interface Body {
    void run() throws Exception;
  }

  private OwnNetwork() {}

  /** Skips without root, saying so; with CI=true it fails instead. */
  static void run(Body body) throws Exception {
    FutureTask<Void> task =
        new FutureTask<>(
            () -> {
              prepare();
              body.run();
              return null;
            });
    Thread.ofPlatform().start(task);
    try {
      task.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw (Exception) e.getCause();
    }
  }

  private static void prepare() throws Exception {
    try {
      Namespaces.enterNewNetwork();
      ip("link set lo up");
      ip("link add out type veth peer name in");
      ip("address add 192.0.2.1/24 dev out");
      ip("address add 2001:db8:1::1/64 dev out nodad");
      ip("link set out up");
      ip("link set in up");
    } catch (IOException e) {
      String reason = "needs root and iproute2: " + e.getMessage();
      if ("true".equals(System.getenv("CI"))) {
        fail(reason);
      }
      abort(reason);
    }
  }

  /** Runs ip(8) in the calling thread's namespace. */
  static void ip(String arguments) throws Exception {
    command("ip " + arguments);
  }

  /** Runs ip(8) with many lines. */
  static void ipBatch(String lines) throws Exception {
    Path file = Files.createTempFile("synlev-test-", ".ip");
    Files.writeString(file, lines);
    command("ip -batch " + file);
    Files.delete(file);
  }

  private static void command(String line) throws Exception {
    Process process = new ProcessBuilder(line.split(" ")).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes());
    if (process.waitFor() != 0) {
      throw new IOException(line + ": " + output.trim());
    }
  }

  /** The index of an interface. */
  static int index(String device) throws Exception {
    Process process = new ProcessBuilder("ip", "-o", "link", "show", "dev", device).start();
    String output = new String(process.getInputStream().readAllBytes());
    return Integer.parseInt(output.substring(0, output.indexOf(':')));
  }
}

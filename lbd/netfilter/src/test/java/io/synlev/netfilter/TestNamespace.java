package io.synlev.netfilter;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import io.synlev.ffi.Namespaces;
import java.io.IOException;
import java.util.concurrent.FutureTask;

/** Runs a test's body on a thread in a network namespace of its own, which ends with the thread. */
final class TestNamespace {

  /** The body. */
  interface Body {
    void run() throws Exception;
  }

  private TestNamespace() {}

  /** Skips without root or NFQUEUE, saying so; with CI=true it fails instead. */
  static void run(Body body) throws Exception {
    FutureTask<Void> task =
        new FutureTask<>(
            () -> {
              prepare();
              body.run();
              return null;
            });
    Thread.ofPlatform().name("test-namespace").start(task);
    try {
      task.get();
    } catch (java.util.concurrent.ExecutionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw (Exception) e.getCause();
    }
  }

  private static void prepare() throws Exception {
    try {
      Namespaces.enterNewNetwork();
      command("ip link set lo up");
      command("iptables -t mangle -A PREROUTING -d 192.0.2.99 -j NFQUEUE --queue-num 0");
    } catch (IOException e) {
      String reason = "needs root, iproute2, iptables and NFQUEUE: " + e.getMessage();
      if ("true".equals(System.getenv("CI"))) {
        fail(reason);
      }
      abort(reason);
    }
  }

  /** Runs a command in the calling thread's namespace and returns what it printed. */
  static String command(String line) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(line.split(" ")).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes());
    if (process.waitFor() != 0) {
      throw new IOException(line + ": " + output.trim());
    }
    return output;
  }
}

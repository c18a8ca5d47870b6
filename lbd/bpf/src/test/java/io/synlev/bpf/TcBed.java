package io.synlev.bpf;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import io.synlev.ffi.Namespaces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Runs a test's body on a thread in a network namespace of its own, with the real kernel's BPF and
 * a directory for pins that is removed afterwards. In the namespace is a veth pair: {@code in0},
 * 192.0.2.1/24 and 2001:db8:1::1/64, whose other end is {@code far0}.
 */
final class TcBed {

  /** The body. */
  interface Body {
    void run(TcBed bed) throws Exception;
  }

  static final int MASK = 0xffff;

  private final Path run;
  private final List<TcOffload> opened = new ArrayList<>();
  private final List<String> log = new ArrayList<>();

  private TcBed(Path run) {
    this.run = run;
  }

  /** Skips without root, BPF or a built program, saying so; with CI=true it fails instead. */
  static void run(Body body) throws Exception {
    FutureTask<Void> task =
        new FutureTask<>(
            () -> {
              TcBed bed = new TcBed(Files.createTempDirectory("synlev-bpf-test-"));
              try {
                bed.prepare();
                body.run(bed);
              } finally {
                bed.close();
              }
              return null;
            });
    Thread.ofPlatform().name("tc-bed").start(task);
    try {
      task.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw (Exception) e.getCause();
    }
  }

  private void prepare() throws Exception {
    String missing = missing();
    if (missing != null) {
      if ("true".equals(System.getenv("CI"))) {
        fail(missing);
      }
      abort(missing);
    }
    Namespaces.enterNewNetwork();
    command("ip link set lo up");
    command("ip link add in0 type veth peer name far0");
    command("ip address add 192.0.2.1/24 dev in0");
    command("ip address add 2001:db8:1::1/64 dev in0 nodad");
    command("ip link set in0 up");
    command("ip link set far0 up");
  }

  private static String missing() throws IOException {
    if (!Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0)) {
      return "needs root";
    }
    if (TcBed.class.getResource("synlev_tc.bpf.o") == null) {
      return "needs the BPF program: clang was missing at build time";
    }
    if (Files.readAllLines(Path.of("/proc/filesystems")).stream()
        .noneMatch(f -> f.endsWith("bpf"))) {
      return "needs a kernel with BPF";
    }
    try {
      Libbpf.load();
      return null;
    } catch (IOException e) {
      return e.getMessage();
    }
  }

  /** Small tables, no limit. */
  TcOptions options() {
    return TcOptions.of("test", MASK)
        .withRun(run)
        .withFlows(4096, 1024)
        .withBackends(64)
        .withInsertions(0);
  }

  /** Opens; closed at the end at the latest. */
  TcOffload open(TcOptions options) throws IOException {
    TcOffload offload = TcOffload.open(options, log::add);
    opened.add(offload);
    return offload;
  }

  /** What was logged since the start. */
  List<String> log() {
    return log;
  }

  /** The directory of run-time files. */
  Path directory() {
    return run;
  }

  private void close() throws Exception {
    for (TcOffload offload : opened) {
      offload.close(false);
    }
    TcOffload.remove(options());
    Files.deleteIfExists(run);
  }

  /** Adds the flow of a frame to a table, as lbd does with the first packet. */
  static void add(TcFlowTable table, Frame frame, int mark) {
    table.add(frame.key(), mark, Frame.SYN);
    table.commit(System.nanoTime());
  }

  /** What was counted since another reading, without the zeros. */
  static Map<TcCounter, Long> growth(TcOffload offload, Map<TcCounter, Long> before)
      throws IOException {
    Map<TcCounter, Long> now = offload.statistics();
    now.replaceAll((counter, value) -> value - before.get(counter));
    now.values().removeIf(value -> value == 0);
    return now;
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

  /** The MAC address of an interface. */
  static byte[] address(String device) throws Exception {
    String shown = command("ip -o link show dev " + device);
    String mac = shown.replaceFirst("(?s).*link/ether ([0-9a-f:]+).*", "$1");
    return HexFormat.ofDelimiter(":").parseHex(mac);
  }

  /** The index of an interface. */
  static int index(String device) throws Exception {
    return io.synlev.ffi.NetworkInterfaces.index(device);
  }
}

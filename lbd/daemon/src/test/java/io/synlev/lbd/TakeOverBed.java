package io.synlev.lbd;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.synlev.control.ControlClient;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * Daemons of one instance in a network of their own, whose packets to the VIP they decide about.
 */
abstract class TakeOverBed {
  static final String TAKE_OVER = "--take-over";
  private static final int DATAGRAMS = 20;

  @TempDir Path temporary;
  final List<DaemonProcess> daemons = new ArrayList<>();
  Network network;
  TestInstance tested;

  @BeforeEach
  void create() throws Exception {
    network = Network.create();
    tested = TestInstance.create(temporary.resolve("state"), "tested");
    network.run("ip", "address", "add", "10.0.0.1/32", "dev", "lo");
    network.run(
        ("iptables -t mangle -A OUTPUT -p udp -d 10.0.0.1 -j NFQUEUE --queue-num 2").split(" "));
  }

  @AfterEach
  void clean() {
    daemons.forEach(DaemonProcess::close);
    if (tested != null) {
      tested.close();
    }
    if (network != null) {
      network.close();
    }
  }

  DaemonProcess start(List<String> wrapper, String... more) throws IOException {
    DaemonProcess daemon = DaemonProcess.start(network, wrapper, tested.arguments(more));
    daemons.add(daemon);
    return daemon;
  }

  DaemonProcess start(String... more) throws IOException {
    return start(List.of(), more);
  }

  @SuppressWarnings("unchecked")
  Map<String, Object> ask(String method) {
    return (Map<String, Object>) ControlClient.ask(tested.directory(), method, Map.of());
  }

  /** By its words, the instance's claim, and what it does with packets. */
  void assertServedBy(DaemonProcess daemon) throws Exception {
    assertEquals(daemon.pid(), ((Number) ask("status").get("pid")).longValue());
    assertEquals(daemon.pid(), tested.instance().daemon().pid());
    long before = decided();
    String each = "for ((i = 0; i < %d; i++)); do echo hello > /dev/udp/10.0.0.1/9; done";
    network.run("bash", "-c", each.formatted(DATAGRAMS));
    // A sender does not wait for the verdict.
    while (decided() < before + DATAGRAMS) {
      Thread.onSpinWait();
    }
    assertEquals(before + DATAGRAMS, decided());
  }

  private long decided() {
    return ((Number) ((Map<?, ?>) ask("stats").get("reasons")).get("forwarded-udp")).longValue();
  }

  /** How the daemon that serves came to its queues. */
  String howItCame() {
    return ((Map<?, ?>) ask("status").get("takeOver")).get("how").toString();
  }
}

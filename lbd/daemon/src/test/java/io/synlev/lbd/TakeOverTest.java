package io.synlev.lbd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.control.ControlClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One daemon takes over from another, both real processes. */
@Timeout(120)
class TakeOverTest {
  @TempDir Path temporary;
  private final List<DaemonProcess> daemons = new ArrayList<>();
  private Network network;
  private TestInstance tested;

  @BeforeEach
  void create() throws Exception {
    network = Network.create();
    tested = TestInstance.create(temporary.resolve("state"), "tested");
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

  private DaemonProcess start(String... more) throws IOException {
    DaemonProcess daemon = DaemonProcess.start(network, List.of(), tested.arguments(more));
    daemons.add(daemon);
    return daemon;
  }

  private DaemonProcess takeOver(String... more) throws IOException {
    List<String> all = new ArrayList<>(List.of("--take-over"));
    all.addAll(List.of(more));
    return start(all.toArray(String[]::new));
  }

  @SuppressWarnings("unchecked")
  private Map<String, Object> ask(String method) {
    return (Map<String, Object>) ControlClient.ask(tested.directory(), method, Map.of());
  }

  private void assertServedBy(DaemonProcess daemon) {
    assertEquals(daemon.pid(), ((Number) ask("status").get("pid")).longValue());
    assertEquals(daemon.pid(), tested.instance().daemon().pid());
  }

  @Test
  void shouldGoOnWithTheSameSockets() throws Exception {
    DaemonProcess serving = start("--queue", "4:5").await("ready");
    String bound = network.boundQueues();
    assertEquals(2, bound.lines().count());
    for (int i = 0; i < 3; i++) {
      DaemonProcess next = takeOver("--queue", "4:5").await("ready");
      assertTrue(next.log().contains("took over from process " + serving.pid()), next.log());
      assertEquals(0, serving.exitCode(), serving.log());
      assertTrue(serving.log().contains("stopped, another lbd serves"), serving.log());
      assertServedBy(next);
      Map<?, ?> takeOver = (Map<?, ?>) ask("status").get("takeOver");
      assertEquals("handed-over", takeOver.get("how"));
      assertEquals(serving.pid(), ((Number) takeOver.get("formerPid")).longValue());
      assertEquals(ports(bound), ports(network.boundQueues()), "nothing was ever let go");
      serving = next;
    }
    serving.signal("TERM");
    assertEquals(0, serving.exitCode(), serving.log());
    assertEquals("", network.boundQueues());
    assertFalse(Files.exists(tested.directory().controlSocket()));
    assertEquals(0, tested.instance().daemon().pid());
  }

  private static List<String> ports(String queues) {
    return queues
        .lines()
        .map(line -> String.join(" ", line.strip().split(" +")[0], line.strip().split(" +")[1]))
        .toList();
  }

  @Test
  void shouldStartWithoutAnotherToTakeOverFrom() throws Exception {
    DaemonProcess first = takeOver().await("ready");
    assertServedBy(first);
    assertEquals(null, ask("status").get("takeOver"));
  }
}

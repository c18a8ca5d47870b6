package io.synlev.lbd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.control.ControlClient;
import io.synlev.control.RpcError;
import io.synlev.control.RpcException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One daemon takes over from another, both real processes. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TakeOverTest extends TakeOverBed {

  @Test
  void shouldGoOnWithTheSameSockets() throws Exception {
    DaemonProcess serving = start("--queue", "2:3").await("ready");
    List<String> bound = socketsOfQueues();
    assertEquals(2, bound.size());
    for (int i = 0; i < 3; i++) {
      DaemonProcess next = start(TAKE_OVER, "--queue", "2:3").await("ready");
      assertTrue(next.log().contains("took over from process " + serving.pid()), next.log());
      assertEquals(0, serving.exitCode(), serving.log());
      assertTrue(serving.log().contains("stopped, another lbd serves"), serving.log());
      assertServedBy(next);
      assertEquals("handed-over", howItCame());
      assertEquals(bound, socketsOfQueues(), "nothing was let go");
      serving = next;
    }
    serving.signal("TERM");
    assertEquals(0, serving.exitCode(), serving.log());
    assertEquals("", network.boundQueues());
    assertFalse(Files.exists(tested.directory().controlSocket()));
    assertEquals(0, tested.instance().daemon().pid());
  }

  /** Queue and port id of each. */
  private List<String> socketsOfQueues() throws Exception {
    return network
        .boundQueues()
        .lines()
        .map(line -> line.strip().split(" +"))
        .map(words -> words[0] + " " + words[1])
        .toList();
  }

  @Test
  void shouldStartWithoutAnotherToTakeOverFrom() throws Exception {
    DaemonProcess first = start(TAKE_OVER).await("ready");
    assertServedBy(first);
    assertNull(ask("status").get("takeOver"));
  }

  @Test
  void shouldServeOtherQueuesWithOtherSettings() throws Exception {
    DaemonProcess first = start("--queue", "1:2", "--copy-range", "512").await("ready");
    DaemonProcess next = start(TAKE_OVER, "--queue", "2:3", "--copy-range", "160").await("ready");
    assertEquals(0, first.exitCode(), first.log());
    assertServedBy(next);
    List<Integer> queues =
        ((List<?>) ask("status").get("queues"))
            .stream().map(each -> ((Number) ((Map<?, ?>) each).get("queue")).intValue()).toList();
    assertEquals(List.of(2, 3), queues);
    for (Object each : (List<?>) ask("status").get("queues")) {
      assertEquals(160, ((Map<?, ?>) each).get("copyRange"));
    }
    assertEquals(2, socketsOfQueues().size(), "queue 1 is let go");
  }

  @Test
  void shouldLeaveTheOtherAloneWhenAQueueCannotBeBound() throws Exception {
    TestInstance another = TestInstance.create(temporary.resolve("state"), "another");
    try (another) {
      DaemonProcess stranger =
          DaemonProcess.start(network, List.of(), another.arguments("--queue", "3"));
      daemons.add(stranger.await("ready"));
      DaemonProcess first = start("--queue", "2").await("ready");
      DaemonProcess second = start(TAKE_OVER, "--queue", "2:3");
      assertEquals(1, second.exitCode());
      assertTrue(second.log().contains("queue 3 is held by"), second.log());
      first.await("did not take over");
      assertServedBy(first);
    }
  }

  @Test
  void shouldSayWhatItDoesWhenTheOtherDoesNotAnswer() throws Exception {
    DaemonProcess first = start().await("ready");
    Path socket = tested.directory().controlSocket();
    Files.move(socket, socket.resolveSibling("elsewhere"));
    DaemonProcess second = start(TAKE_OVER).await("ready");
    assertEquals(0, first.exitCode(), first.log());
    assertTrue(
        second.log().contains("with pid " + first.pid() + " cannot hand over"), second.log());
    assertServedBy(second);
    assertEquals("bound-again", howItCame());
    Files.delete(socket.resolveSibling("elsewhere"));
  }

  @Test
  void shouldRefuseToHandOverToAnotherNetwork() throws Exception {
    DaemonProcess first = start().await("ready");
    try (Network other = Network.create()) {
      DaemonProcess second = DaemonProcess.start(other, List.of(), tested.arguments(TAKE_OVER));
      daemons.add(second);
      assertEquals(1, second.exitCode());
      assertTrue(second.log().contains("runs in another network namespace"), second.log());
    }
    assertServedBy(first);
  }

  @Test
  void shouldRefuseWhatItCannotUnderstand() throws Exception {
    start().await("ready");
    try (ControlClient client = ControlClient.connect(tested.directory(), Duration.ofSeconds(20))) {
      RpcException refusal =
          assertThrows(
              RpcException.class, () -> client.call(HandOverProtocol.METHOD, Map.of("pid", "x")));
      assertEquals(RpcError.INVALID_PARAMS, refusal.code());
    }
  }

  @Test
  void shouldApplyItsConfigurationOnceItServes() throws Exception {
    start().await("ready");
    Path file =
        Files.writeString(
            temporary.resolve("web.yaml"),
            """
            version: 1
            pools:
              web:
                slots: 97
                backends: {a: {fwmark: 1}, c: {fwmark: 3}}
            services:
              web: {pool: web, vips: 10.0.0.1}
              more: {pool: web, vips: 10.0.0.2}
            """);
    DaemonProcess next = start(TAKE_OVER, "--config", file.toString());
    next.awaitAll("took over from process", "is applied");
    assertServedBy(next);
    assertEquals(2, ask("status").get("services"));
  }
}

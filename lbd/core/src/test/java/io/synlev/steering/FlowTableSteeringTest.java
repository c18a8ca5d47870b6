package io.synlev.steering;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.datapath.Action;
import io.synlev.datapath.Decision;
import io.synlev.datapath.FlowTable;
import io.synlev.datapath.Reason;
import io.synlev.packet.Errors;
import io.synlev.packet.FlowKey;
import io.synlev.packet.Packets;
import io.synlev.state.ByteCondition;
import io.synlev.state.Protocol;
import io.synlev.state.Service;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Live flows come before the table, and new ones are made known before the batch returns. */
class FlowTableSteeringTest {

  /** A mark that no table has, so that only the flow table can have said it. */
  private static final int LIVE = 0xabc;

  private static final int SYN = 0x02;

  @TempDir Path base;
  private Testbed bed;

  @BeforeEach
  void open() throws Exception {
    bed = new Testbed(base);
  }

  @AfterEach
  void close() {
    bed.close();
  }

  /** A flow table on the heap, which shows what it was told. */
  private static final class Flows implements FlowTable {
    private final boolean always;
    final Map<String, Integer> live = new HashMap<>();
    final List<String> added = new ArrayList<>();
    private final Map<String, Integer> pending = new HashMap<>();

    Flows(boolean always) {
      this.always = always;
    }

    private static String name(FlowKey flow) {
      return "%d %x:%x>%x:%x %d %08x"
          .formatted(
              flow.family,
              flow.sourceHigh,
              flow.sourceLow,
              flow.destinationHigh,
              flow.destinationLow,
              flow.protocol,
              flow.ports);
    }

    @Override
    public boolean isAskedAlways() {
      return always;
    }

    @Override
    public int find(FlowKey flow) {
      return live.getOrDefault(name(flow), NONE);
    }

    @Override
    public void add(FlowKey flow, int mark, int tcpFlags) {
      pending.put(name(flow), mark);
      added.add(name(flow) + " flags " + tcpFlags);
    }

    @Override
    public void commit(long nowNanos) {
      live.putAll(pending);
      pending.clear();
    }
  }

  private Steering steering(FlowTable flows) {
    return new Steering(bed.instance, bed.views, 0, SteeringOptions.DEFAULT, flows);
  }

  private Decision decide(FlowTable flows, byte[] packet) {
    return bed.decideBatch(steering(flows), packet, 1)[0];
  }

  private static String tcp(int port, int flags) {
    return "%04x0050".formatted(port) + "00".repeat(8) + "50%02x".formatted(flags) + "00".repeat(6);
  }

  private static byte[] packet(boolean ipv6, int protocol, int port) {
    String header =
        protocol == 6 ? tcp(port, SYN) : "%04x0050".formatted(port) + "0008" + "00".repeat(10);
    return ipv6 ? Packets.ipv6(protocol, header) : Packets.ipv4(protocol, header);
  }

  private static byte[] to(int a, int b, int c, int d, String udp) {
    byte[] packet = Packets.ipv4(17, udp);
    byte[] destination = {(byte) a, (byte) b, (byte) c, (byte) d};
    System.arraycopy(destination, 0, packet, 16, 4);
    return packet;
  }

  /** A queue's copy range may leave the ports alone; reading on would end the test process. */
  @Test
  void shouldAddAFlowWhoseFlagsAreNotThere() {
    byte[] packet = packet(false, 6, 7);
    for (int length = packet.length; length >= 24; length--) {
      Flows flows = new Flows(true);
      decide(flows, java.util.Arrays.copyOf(packet, length));
      String flags = length > 33 ? " flags " + SYN : " flags 0";
      assertTrue(flows.added.getFirst().endsWith(flags), flows.added.toString());
    }
  }

  @ParameterizedTest
  @CsvSource({"false,6", "false,17", "false,132", "true,6", "true,17", "true,132"})
  void shouldKeepTheBackendOfALiveFlow(boolean ipv6, int protocol) {
    Flows flows = new Flows(true);
    for (int port = 1; port <= 100; port++) {
      byte[] packet = packet(ipv6, protocol, port);
      Decision first = decide(flows, packet);
      assertEquals(bed.decide(packet).mark, first.mark, "the table's");
      assertTrue(first.backend >= 0);
    }
    assertEquals(100, flows.added.size());
    assertEquals(100, flows.live.size());
    flows.live.replaceAll((_, _) -> LIVE);
    for (int port = 1; port <= 100; port++) {
      Decision second = decide(flows, packet(ipv6, protocol, port));
      assertEquals(Action.MARK, second.action);
      assertEquals(LIVE, second.mark);
      assertEquals(Decision.KNOWN_BY_MARK, second.backend);
      assertEquals(Reason.FOLLOWED_FLOW, second.reason);
    }
    assertEquals(100, bed.counted(Reason.FOLLOWED_FLOW));
    assertEquals(100, flows.added.size(), "a live flow is not added again");
  }

  @Test
  void shouldSayTheFlagsOfTcp() {
    Flows flows = new Flows(true);
    decide(flows, Packets.ipv4(6, tcp(1, SYN)));
    decide(flows, Packets.ipv4(6, tcp(2, 0x11)));
    decide(flows, packet(false, 17, 3));
    assertTrue(flows.added.get(0).endsWith("flags 2"), flows.added.get(0));
    assertTrue(flows.added.get(1).endsWith("flags 17"), flows.added.get(1));
    assertTrue(flows.added.get(2).endsWith("flags 0"), flows.added.get(2));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void shouldSendErrorsWhereTheLiveFlowGoes(boolean always) {
    Flows flows = new Flows(always);
    Flows learner = new Flows(true);
    decide(learner, packet(false, 6, 7));
    decide(learner, packet(true, 6, 7));
    learner.live.forEach((flow, _) -> flows.live.put(flow, LIVE));
    String back = "0050" + "0007" + "00000000";
    for (byte[] error :
        List.of(
            Errors.fragmentationNeeded(Errors.quote4(6, back)),
            Errors.packetTooBig(Errors.quote6(6, back)))) {
      Decision decision = decide(flows, error);
      assertEquals(LIVE, decision.mark);
      assertEquals(Reason.FOLLOWED_FLOW, decision.reason);
    }
    assertEquals(List.of(), flows.added, "an error makes no flow live");
  }

  @Test
  void shouldNotAskForWholePacketsWhenTheyAreOfNewFlowsAnyway() {
    Flows flows = new Flows(true);
    byte[] packet = packet(false, 17, 9);
    int mark = decide(flows, packet).mark;
    Flows lazy = new Flows(false);
    flows.live.forEach((flow, _) -> lazy.live.put(flow, LIVE));
    assertEquals(mark, decide(lazy, packet).mark);
    assertEquals(List.of(), lazy.added);
  }

  @Test
  void shouldAddNothingThatGotNoBackend() {
    Flows flows = new Flows(true);
    String udp = "00010050" + "0008" + "0000";
    Decision closed = decide(flows, to(203, 0, 113, 1, udp));
    assertEquals(Reason.NO_BACKEND, closed.reason);
    Decision none = decide(flows, to(192, 0, 2, 99, udp));
    assertEquals(Reason.NO_SERVICE, none.reason);
    assertEquals(List.of(), flows.added);
  }

  @Test
  void shouldAddNothingWhoseNextPacketMayBeAnotherServices() throws Exception {
    bed.instance.updateServices(
        services -> {
          List<Service> all = new ArrayList<>(services);
          Service web =
              services.stream().filter(s -> s.name().equals("web")).findFirst().orElseThrow();
          Service syn =
              new Service("syn", "sticky", 5, web.match(), web.handling())
                  .with(
                      web.match()
                          .withProtocols(Set.of(Protocol.TCP))
                          .withConditions(List.of(ByteCondition.parse("tcp[13] & 0x02 = 0x02"))));
          all.add(syn);
          return all;
        });
    bed.views.swap(View.compile(bed.instance, 2));
    Flows flows = new Flows(true);
    int syn = decide(flows, Packets.ipv4(6, tcp(1, SYN))).mark;
    int ack = decide(flows, Packets.ipv4(6, tcp(1, 0x10))).mark;
    assertNotEquals(syn / 100, ack / 100, "two pools");
    assertEquals(List.of(), flows.added);
    decide(flows, packet(false, 17, 1));
    assertEquals(1, flows.added.size(), "no byte of UDP is asked about");
  }
}

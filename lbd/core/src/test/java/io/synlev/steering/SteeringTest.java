package io.synlev.steering;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.datapath.Action;
import io.synlev.datapath.Decision;
import io.synlev.datapath.Reason;
import io.synlev.hash.FlowHash;
import io.synlev.packet.Captured;
import io.synlev.packet.PacketKind;
import io.synlev.packet.Packets;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class SteeringTest {

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

  private static byte[] captured(String name) {
    return Captured.named(name).bytes();
  }

  /** A copy with another IPv4 destination; the checksum is nobody's concern here. */
  private static byte[] to(String destination, byte[] packet) throws Exception {
    byte[] copy = packet.clone();
    System.arraycopy(InetAddress.getByName(destination).getAddress(), 0, copy, 16, 4);
    return copy;
  }

  static List<Captured> forwarded() {
    return Captured.all().stream()
        .filter(packet -> packet.fragment().equals("-"))
        .filter(packet -> packet.destination().endsWith("2"))
        .filter(
            packet ->
                Set.of(PacketKind.TCP, PacketKind.UDP, PacketKind.SCTP, PacketKind.ICMP_ECHO)
                    .contains(packet.kind()))
        .toList();
  }

  /** The hash of what the capture says, addresses alone or all of it. */
  private static int hash(Captured packet, boolean onAddresses) throws Exception {
    ByteBuffer source = ByteBuffer.wrap(InetAddress.getByName(packet.source()).getAddress());
    ByteBuffer destination =
        ByteBuffer.wrap(InetAddress.getByName(packet.destination()).getAddress());
    FlowHash hash = new FlowHash(Testbed.SEED);
    int ports = onAddresses ? 0 : packet.ports();
    int protocol = onAddresses ? 0 : packet.protocol();
    return source.remaining() == 4
        ? hash.ipv4(source.getInt(), destination.getInt(), ports, protocol)
        : hash.ipv6(
            source.getLong(),
            source.getLong(),
            destination.getLong(),
            destination.getLong(),
            ports,
            protocol);
  }

  @ParameterizedTest
  @MethodSource("forwarded")
  void shouldGiveEachFlowTheBackendOfItsSlot(Captured packet) throws Exception {
    Decision decision = bed.decide(packet.bytes());
    assertEquals(Action.MARK, decision.action);
    assertEquals(bed.markOf("web", hash(packet, false)), decision.mark);
    Reason reason =
        switch (packet.kind()) {
          case TCP -> Reason.FORWARDED_TCP;
          case UDP -> Reason.FORWARDED_UDP;
          case SCTP -> Reason.SCTP;
          default -> Reason.FORWARDED_ICMP_ECHO;
        };
    assertEquals(reason, decision.reason);
    assertEquals(
        decision.mark,
        bed.instance.snapshot("web").at(decision.backend).orElseThrow().backend().fwmark());
  }

  @Test
  void shouldHashOnAddressesWhenThePoolSaysSo() throws Exception {
    Set<Integer> marks = new HashSet<>();
    for (int port = 1; port < 100; port++) {
      byte[] packet = to("198.51.100.9", captured("tcp-syn"));
      packet[21] = (byte) port;
      marks.add(bed.decide(packet).mark);
    }
    assertEquals(1, marks.size());
  }

  @Test
  void shouldSendEveryFragmentOfADatagramToOneBackend() throws Exception {
    for (String family : List.of("ping", "ping6")) {
      int expected = bed.markOf("web", hash(Captured.named(family), true));
      for (String part : List.of("-first-fragment", "-middle-fragment", "-last-fragment")) {
        Decision decision = bed.decide(captured(family + part));
        assertEquals(Reason.FRAGMENT, decision.reason);
        assertEquals(expected, decision.mark);
      }
    }
  }

  @Test
  void shouldSendAFirstFragmentThatIsCutWhereTheOthersGo() {
    byte[] first = captured("udp6-first-fragment");
    int mark = bed.decide(first).mark;
    Decision decision = bed.decide(Arrays.copyOf(first, 50));
    assertEquals(Reason.FRAGMENT, decision.reason);
    assertEquals(mark, decision.mark);
  }

  @Test
  void shouldKeepEachClientsPingAtOneBackend() {
    byte[] ping = captured("ping");
    byte[] next = ping.clone();
    next[27]++; // the sequence number
    assertEquals(bed.decide(ping).mark, bed.decide(next).mark);
    Set<Integer> marks = new HashSet<>();
    for (int id = 0; id < 100; id++) {
      ping[25] = (byte) id;
      marks.add(bed.decide(ping).mark);
    }
    assertTrue(marks.size() > 5, "identifiers spread: " + marks);
  }

  @Test
  void shouldTreatOtherProtocolsByAddresses() throws Exception {
    Decision decision = bed.decide(captured("gre"));
    assertEquals(Reason.OTHER_PROTOCOL, decision.reason);
    assertEquals(bed.markOf("web", hash(Captured.named("gre"), true)), decision.mark);
  }

  @Test
  void shouldLeaveOtherIcmpToTheKernel() throws Exception {
    Decision reply = bed.decide(to("192.0.2.2", captured("ping-reply")));
    assertEquals(Action.ACCEPT, reply.action);
    assertEquals(Reason.ICMP_OTHER, reply.reason);
  }

  @Test
  void shouldFollowTheOptions() throws Exception {
    SteeringOptions options =
        SteeringOptions.DEFAULT
            .withFragments(Treatment.ACCEPT)
            .withIcmpErrors(Treatment.ACCEPT)
            .withIcmpOthers(Treatment.DROP)
            .withOtherProtocols(Treatment.DROP);
    assertEquals(Action.ACCEPT, bed.decide(options, captured("udp-first-fragment")).action);
    assertEquals(Action.DROP, bed.decide(options, captured("gre")).action);
    assertEquals(Action.DROP, bed.decide(options, to("192.0.2.2", captured("ping-reply"))).action);
    assertEquals(
        Action.ACCEPT, bed.decide(options, to("192.0.2.2", captured("port-unreachable"))).action);
  }

  @Test
  void shouldDropAcceptOrMarkWithoutAService() throws Exception {
    byte[] packet = to("192.0.2.3", captured("tcp-syn"));
    for (Outcome outcome : List.of(Outcome.DROP, Outcome.ACCEPT, Outcome.mark(0x7f))) {
      Decision decision = bed.decide(SteeringOptions.DEFAULT.withNoService(outcome), packet);
      assertEquals(Reason.NO_SERVICE, decision.reason);
      assertEquals(outcome.action(), decision.action);
      assertEquals(outcome.mark(), decision.mark);
      assertEquals(-1, decision.backend);
    }
  }

  @Test
  void shouldDropOrMarkWithoutABackend() throws Exception {
    byte[] packet = to("203.0.113.200", captured("tcp-syn"));
    for (Outcome outcome : List.of(Outcome.DROP, Outcome.mark(0x7e))) {
      Decision decision = bed.decide(SteeringOptions.DEFAULT.withNoBackend(outcome), packet);
      assertEquals(Reason.NO_BACKEND, decision.reason);
      assertEquals(outcome.action(), decision.action);
      assertEquals(outcome.mark(), decision.mark);
      assertEquals(-1, decision.backend);
    }
  }

  @Test
  void shouldAskForTheServiceBeforeJudgingTheTransportHeader() throws Exception {
    byte[] cut = Arrays.copyOf(captured("tcp-syn"), 22);
    Decision ours = bed.decide(cut);
    assertEquals(Reason.TRUNCATED_L4_HEADER, ours.reason);
    assertEquals(Action.DROP, ours.action);
    assertEquals(Reason.NO_SERVICE, bed.decide(to("192.0.2.3", cut)).reason);
    Decision passed = bed.decide(SteeringOptions.DEFAULT.withMalformed(Outcome.ACCEPT), cut);
    assertEquals(Action.ACCEPT, passed.action);
  }

  @ParameterizedTest
  @CsvSource({
    "'', EMPTY",
    "00, BAD_IP_VERSION",
    "45, TRUNCATED_IP_HEADER",
    "60, TRUNCATED_IP_HEADER",
    "44000014000000000000000000000000c0000202, BAD_HEADER_LENGTH",
    "45000013000000000000000000000000c0000202, BAD_TOTAL_LENGTH",
    "450000140000000000060000c0000201c000020200, HEADERS_BEYOND_LENGTH",
    "450000280000000000060000c0000201c0000202000100, TRUNCATED_L4_HEADER"
  })
  void shouldNameWhatIsWrong(String hex, Reason expected) {
    byte[] packet = HexFormat.of().parseHex(hex);
    Decision decision = bed.decide(packet);
    assertEquals(expected, decision.reason);
    assertEquals(Action.DROP, decision.action);
  }

  @Test
  void shouldNameLongChainsAndImpossibleLengths() {
    Object[] chain = new Object[20];
    for (int i = 0; i < 18; i += 2) {
      chain[i] = 60;
      chain[i + 1] = Packets.DESTINATION_OPTIONS;
    }
    chain[18] = 17;
    chain[19] = Packets.UDP;
    byte[] packet = Packets.ipv6(chain);
    assertEquals(Reason.TOO_MANY_EXTENSION_HEADERS, bed.decide(packet).reason);
    assertEquals(Reason.TRUNCATED_EXTENSION_HEADER, bed.decide(Arrays.copyOf(packet, 47)).reason);
    byte[] udp = Packets.ipv4(17, Packets.UDP);
    udp[25] = 7;
    assertEquals(Reason.BAD_TRANSPORT_LENGTH, bed.decide(udp).reason);
  }

  @Test
  void shouldPreferTheLongestPrefix() throws Exception {
    bed.instance.updateServices(
        services ->
            List.of(
                Testbed.service("wide", "closed", "192.0.0.0/16"),
                Testbed.service("narrow", "web", "192.0.2.2/32")));
    bed.views.swap(View.compile(bed.instance, 2));
    assertEquals(Reason.FORWARDED_TCP, bed.decide(captured("tcp-syn")).reason);
    assertEquals(Reason.NO_BACKEND, bed.decide(to("192.0.2.3", captured("tcp-syn"))).reason);
  }

  @Test
  void shouldSeeAChangedPoolInTheNextBatch() {
    Steering steering = bed.steering(SteeringOptions.DEFAULT);
    int before = bed.decideBatch(steering, captured("tcp-syn"), 1)[0].mark;
    bed.instance.updatePool(
        "web", backends -> backends.stream().filter(b -> b.fwmark() != before).toList());
    Decision after = bed.decideBatch(steering, captured("tcp-syn"), 1)[0];
    assertNotEquals(before, after.mark);
    assertEquals(1, after.generation);
  }

  @Test
  void shouldCountReasonsAndPacketsOfBackends() throws Exception {
    Steering steering = bed.steering(SteeringOptions.DEFAULT);
    bed.decideBatch(steering, captured("tcp-syn"), 256);
    bed.decideBatch(steering, captured("udp6"), 3);
    bed.decideBatch(steering, to("203.0.113.200", captured("tcp-syn")), 5);
    bed.decideBatch(steering, captured("udp6"), 0);
    assertEquals(256, bed.counted(Reason.FORWARDED_TCP));
    assertEquals(3, bed.counted(Reason.FORWARDED_UDP));
    assertEquals(5, bed.counted(Reason.NO_BACKEND));
    assertEquals(259, bed.packets("web"));
    assertEquals(0, bed.counted(Reason.UNDECIDED));
  }

  @Test
  void shouldCountNothingWhenExplaining() {
    bed.decide(captured("tcp-syn"));
    assertEquals(0, bed.counted(Reason.FORWARDED_TCP));
    assertEquals(0, bed.packets("web"));
  }
}

package io.synlev.steering;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.datapath.Action;
import io.synlev.datapath.Decision;
import io.synlev.datapath.Reason;
import io.synlev.packet.Errors;
import io.synlev.packet.Packets;
import io.synlev.state.PortRange;
import io.synlev.state.Prefix;
import io.synlev.state.Protocol;
import io.synlev.state.Service;
import io.synlev.state.ServiceHandling;
import io.synlev.state.ServiceMatch;
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
import org.junit.jupiter.params.provider.ValueSource;

/** An error goes where the packets of the flow go, which the same steering decides. */
class IcmpErrorSteeringTest {

  private static final HexFormat HEX = HexFormat.of();

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

  private static String port(int port) {
    return "%04x".formatted(port);
  }

  private void assertForwarded(int mark, Decision error) {
    assertEquals(Reason.FORWARDED_ICMP_ERROR, error.reason);
    assertEquals(Action.MARK, error.action);
    assertEquals(mark, error.mark);
  }

  @ParameterizedTest
  @ValueSource(ints = {6, 17, 132})
  void shouldSendErrorsWhereTheFlowGoes(int protocol) {
    Set<Integer> marks = new HashSet<>();
    for (int client = 1; client <= 200; client++) {
      String there = port(client) + "0050" + "0000".repeat(4) + "5000" + "0000".repeat(3);
      String back = "0050" + port(client) + "00000000";
      int mark = bed.decide(Packets.ipv4(protocol, there)).mark;
      assertForwarded(mark, bed.decide(Errors.fragmentationNeeded(Errors.quote4(protocol, back))));
      marks.add(mark);
      int mark6 = bed.decide(Packets.ipv6(protocol, there)).mark;
      assertForwarded(mark6, bed.decide(Errors.packetTooBig(Errors.quote6(protocol, back))));
    }
    assertEquals(10, marks.size());
  }

  @Test
  void shouldSendErrorsAboutEchoRepliesWhereTheRequestsGo() {
    Set<Integer> marks = new HashSet<>();
    for (int id = 1; id <= 200; id++) {
      String echo = "00" + "0000" + port(id) + "0001";
      int mark = bed.decide(Packets.ipv4(1, "08" + echo)).mark;
      assertForwarded(
          mark, bed.decide(Errors.ipv4(11, 0, "00000000", Errors.quote4(1, "00" + echo))));
      marks.add(mark);
      int mark6 = bed.decide(Packets.ipv6(58, "80" + echo)).mark;
      assertForwarded(
          mark6, bed.decide(Errors.ipv6(3, 0, "00000000", Errors.quote6(58, "81" + echo))));
    }
    assertEquals(10, marks.size());
  }

  @Test
  void shouldNotCareWhoSendsTheError() {
    byte[] error = Errors.fragmentationNeeded(Errors.quote4(6, Errors.PORTS));
    int mark = bed.decide(error).mark;
    for (int router = 0; router < 50; router++) {
      error[15] = (byte) router;
      assertForwarded(mark, bed.decide(error));
    }
  }

  @Test
  void shouldHashOnAddressesWhenThePoolSaysSo() {
    byte[] flow = HEX.parseHex("450000280000000040060000c0000201c6336409" + Packets.TCP);
    int mark = bed.decide(flow).mark;
    assertTrue(mark > 200);
    for (int client = 1; client <= 50; client++) {
      byte[] error =
          Errors.fragmentationNeeded(Errors.quote4(6, "0050" + port(client) + "00000000"));
      System.arraycopy(HEX.parseHex("c6336409"), 0, error, 16, 4);
      System.arraycopy(HEX.parseHex("c6336409"), 0, error, 20 + 8 + 12, 4);
      assertForwarded(mark, bed.decide(error));
    }
  }

  @Test
  void shouldFollowTheFlowToItsNewBackend() {
    byte[] flow = Packets.ipv4(6, Packets.TCP);
    byte[] error = Errors.fragmentationNeeded(Errors.quote4(6, Errors.PORTS));
    int before = bed.decide(flow).mark;
    assertForwarded(before, bed.decide(error));
    bed.instance.updatePool(
        "web", backends -> backends.stream().filter(b -> b.fwmark() != before).toList());
    int after = bed.decide(flow).mark;
    assertNotEquals(before, after);
    assertForwarded(after, bed.decide(error));
  }

  @Test
  void shouldGoByAddressesWithoutPorts() {
    byte[] gre = Packets.ipv4(47, "0000" + "0800");
    int byAddresses = bed.decide(gre).mark;
    for (String quote :
        List.of(
            Errors.quote4(17, "2009", "", Errors.PORTS),
            Errors.quote4(6, "0009", "", Errors.PORTS),
            Errors.quote4(47, Errors.PORTS))) {
      Decision decision = bed.decide(Errors.ipv4(11, 1, "00000000", quote));
      assertEquals(Reason.ICMP_ERROR_BY_ADDRESSES, decision.reason);
      assertEquals(byAddresses, decision.mark);
    }
    int byAddresses6 = bed.decide(Packets.ipv6(47, "00000800")).mark;
    Decision later =
        bed.decide(Errors.packetTooBig(Errors.quote6(44, Errors.LATER, 6, Errors.PORTS)));
    assertEquals(Reason.ICMP_ERROR_BY_ADDRESSES, later.reason);
    assertEquals(byAddresses6, later.mark);
  }

  @ParameterizedTest
  @CsvSource({
    // what is left of: 20 bytes IPv4, 8 ICMP, 20 IPv4, 8 TCP
    "52, FORWARDED_ICMP_ERROR",
    "51, ICMP_ERROR_INNER_TRUNCATED",
    "48, ICMP_ERROR_INNER_TRUNCATED",
    "47, ICMP_ERROR_INNER_TRUNCATED",
    "28, ICMP_ERROR_INNER_TRUNCATED",
    "21, ICMP_ERROR_INNER_TRUNCATED"
  })
  void shouldSayThatTheInnerPacketIsCut(int length, Reason reason) {
    byte[] error = Errors.fragmentationNeeded(Errors.quote4(6, Errors.PORTS));
    Decision decision = bed.decide(Arrays.copyOf(error, length));
    assertEquals(reason, decision.reason);
    assertEquals(
        reason == Reason.FORWARDED_ICMP_ERROR ? Action.MARK : Action.DROP, decision.action);
  }

  private void assertDropped(Reason reason, byte[] error) {
    Decision decision = bed.decide(error);
    assertEquals(reason, decision.reason);
    assertEquals(Action.DROP, decision.action);
    assertEquals(-1, decision.backend);
  }

  @Test
  void shouldDropErrorsThatNameNoFlow() {
    assertDropped(
        Reason.ICMP_ERROR_INNER_MALFORMED,
        Errors.fragmentationNeeded(Errors.quote6(6, Errors.PORTS)));
    assertDropped(
        Reason.ICMP_ERROR_INNER_UNKNOWN,
        Errors.fragmentationNeeded(Errors.quote4(1, "08000000abcd0001")));
    assertDropped(
        Reason.ICMP_ERROR_INNER_UNKNOWN,
        Errors.packetTooBig(Errors.quote6(58, "0200000000000514")));
    assertDropped(
        Reason.ICMP_SOURCE_QUENCH, Errors.ipv4(4, 0, "00000000", Errors.quote4(6, Errors.PORTS)));
  }

  @Test
  void shouldDropErrorsToOneVipAboutAnother() {
    byte[] error = Errors.fragmentationNeeded(Errors.quote4(6, Errors.PORTS));
    System.arraycopy(HEX.parseHex("c6336409"), 0, error, 20 + 8 + 12, 4);
    assertDropped(Reason.ICMP_ERROR_FOREIGN, error);
    byte[] error6 = Errors.packetTooBig(Errors.quote6(6, Errors.PORTS));
    error6[40 + 8 + 8 + 15]++;
    assertDropped(Reason.ICMP_ERROR_FOREIGN, error6);
  }

  @Test
  void shouldKnowNoServiceForErrorsToOthers() {
    byte[] error = Errors.fragmentationNeeded(Errors.quote4(6, Errors.PORTS));
    error[19]++;
    error[20 + 8 + 15]++;
    assertDropped(Reason.NO_SERVICE, error);
  }

  @Test
  void shouldHaveNoBackendWhenThePoolHasNone() {
    byte[] error = Errors.fragmentationNeeded(Errors.quote4(6, Errors.PORTS));
    System.arraycopy(HEX.parseHex("cb007109"), 0, error, 16, 4);
    System.arraycopy(HEX.parseHex("cb007109"), 0, error, 20 + 8 + 12, 4);
    assertDropped(Reason.NO_BACKEND, error);
  }

  @ParameterizedTest
  @CsvSource({"DROP, DROP", "ACCEPT, ACCEPT"})
  void shouldLetAnOptionDecideInstead(Treatment treatment, Action action) {
    byte[] error = Errors.fragmentationNeeded(Errors.quote4(6, Errors.PORTS));
    Decision decision = bed.decide(SteeringOptions.DEFAULT.withIcmpErrors(treatment), error);
    assertEquals(Reason.ICMP_ERROR, decision.reason);
    assertEquals(action, decision.action);
  }

  @Test
  void shouldUseTheAddressesInsideWhenTheOptionSaysAddresses() {
    SteeringOptions options = SteeringOptions.DEFAULT.withIcmpErrors(Treatment.BY_ADDRESSES);
    int byAddresses = bed.decide(Packets.ipv4(47, "00000800")).mark;
    for (int client = 1; client <= 50; client++) {
      byte[] error =
          Errors.fragmentationNeeded(Errors.quote4(6, "0050" + port(client) + "00000000"));
      assertForwarded(byAddresses, bed.decide(options, error));
    }
  }

  @Test
  void shouldCountErrorsAndTheirBackends() {
    byte[] error = Errors.fragmentationNeeded(Errors.quote4(6, Errors.PORTS));
    bed.decideBatch(bed.steering(SteeringOptions.DEFAULT), error, 7);
    assertEquals(7, bed.counted(Reason.FORWARDED_ICMP_ERROR));
    assertEquals(7, bed.packets("web"));
  }

  private static ServiceMatch on(int port) {
    return ServiceMatch.of(List.of(Prefix.parse("192.0.2.2/32"), Prefix.parse("2001:db8::2/128")))
        .withProtocols(Set.of(Protocol.TCP))
        .withPorts(List.of(new PortRange(port, port)));
  }

  private void serve(Service... services) throws Exception {
    bed.instance.updateServices(_ -> List.of(services));
    bed.views.swap(View.compile(bed.instance, 2));
  }

  private static Service service(String name, String pool, ServiceMatch match) {
    return Testbed.service(name, pool, "192.0.2.2/32").with(match);
  }

  @Test
  void shouldFindTheServiceByTheFlowInside() throws Exception {
    serve(service("http", "web", on(80)), service("https", "sticky", on(443)));
    String http = "0050" + "03e8" + "00000000";
    String https = "01bb" + "03e8" + "00000000";
    int mark = bed.decide(Packets.ipv4(6, Packets.TCP)).mark;
    assertForwarded(mark, bed.decide(Errors.fragmentationNeeded(Errors.quote4(6, http))));
    int mark443 = bed.decide(Packets.ipv4(6, Packets.TCP.replaceFirst("0050", "01bb"))).mark;
    assertTrue(mark443 > 200);
    assertForwarded(mark443, bed.decide(Errors.fragmentationNeeded(Errors.quote4(6, https))));
    int mark6 = bed.decide(Packets.ipv6(6, Packets.TCP)).mark;
    assertForwarded(mark6, bed.decide(Errors.packetTooBig(Errors.quote6(6, http))));
    assertDropped(
        Reason.NO_SERVICE_FOR_PORT,
        Errors.fragmentationNeeded(Errors.quote4(6, "0051" + "03e8" + "00000000")));
    assertDropped(
        Reason.NO_SERVICE_FOR_PROTOCOL, Errors.fragmentationNeeded(Errors.quote4(17, http)));
  }

  @Test
  void shouldAskForTheClientAndNotForTheRouter() throws Exception {
    List<Prefix> client = List.of(Prefix.parse("192.0.2.1/32"), Prefix.parse("2001:db8::1/128"));
    serve(service("http", "web", on(80).withSources(client)));
    int mark = bed.decide(Packets.ipv4(6, Packets.TCP)).mark;
    assertForwarded(mark, bed.decide(Errors.fragmentationNeeded(Errors.quote4(6, Errors.PORTS))));
    int mark6 = bed.decide(Packets.ipv6(6, Packets.TCP)).mark;
    assertForwarded(mark6, bed.decide(Errors.packetTooBig(Errors.quote6(6, Errors.PORTS))));

    ServiceMatch all = on(80).withPorts(List.of()).withProtocols(Protocol.ALL);
    serve(service("all", "web", all.withSources(client)));
    assertForwarded(mark, bed.decide(Errors.fragmentationNeeded(Errors.quote4(6, Errors.PORTS))));

    List<Prefix> router = List.of(Prefix.parse("192.0.2.254/32"), Prefix.parse("2001:db8::ff/128"));
    serve(service("http", "web", on(80).withSources(router)));
    assertDropped(
        Reason.NO_SERVICE_FOR_SOURCE, Errors.fragmentationNeeded(Errors.quote4(6, Errors.PORTS)));
  }

  @Test
  void shouldLookForSctpInsideUdp() throws Exception {
    ServiceMatch sctp = on(5001).withProtocols(Set.of(Protocol.SCTP));
    serve(service("amf", "web", sctp).with(ServiceHandling.DEFAULT.withSctpOverUdpPort(9899)));
    String udp = "26ab" + "26ab" + "0200" + "0000";
    Set<Integer> marks = new HashSet<>();
    for (int client = 1; client <= 50; client++) {
      int mark = bed.decide(Packets.ipv4(17, udp + port(client) + "1389" + "00000000")).mark;
      String back = udp + "1389" + port(client);
      assertForwarded(mark, bed.decide(Errors.fragmentationNeeded(Errors.quote4(17, back))));
      marks.add(mark);
    }
    assertTrue(marks.size() > 5, "ports inside count: " + marks);
    assertDropped(
        Reason.ICMP_ERROR_INNER_TRUNCATED,
        Errors.fragmentationNeeded(Errors.quote4(17, udp + "1389")));
  }

  @Test
  void shouldSteerErrorsThatAreThemselvesFragments() {
    byte[] error = Errors.fragmentationNeeded(Errors.quote4(6, Errors.PORTS));
    error[6] = 0x20; // more fragments
    Decision decision = bed.decide(error);
    assertEquals(Reason.FRAGMENT, decision.reason, "without memory: by the outer addresses");
    assertEquals(Action.MARK, decision.action);
  }
}

package io.synlev.steering;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.datapath.Action;
import io.synlev.datapath.Decision;
import io.synlev.datapath.Reason;
import io.synlev.packet.Errors;
import io.synlev.packet.Packets;
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
}

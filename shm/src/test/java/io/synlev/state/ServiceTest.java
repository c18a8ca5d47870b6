package io.synlev.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServiceTest {

  private static final ServiceMatch MATCH = match("10.0.0.1");

  private static ServiceMatch match(String... vips) {
    return ServiceMatch.of(prefixes(vips));
  }

  private static List<Prefix> prefixes(String... texts) {
    return Stream.of(texts).map(Prefix::parse).toList();
  }

  private static List<PortRange> ports(String... texts) {
    return Stream.of(texts).map(PortRange::parse).toList();
  }

  private static void assertRefused(String expected, ServiceMatch match, ServiceHandling handling) {
    String message =
        assertThrows(StateException.class, () -> new Service("web", "pool", 0, match, handling))
            .getMessage();
    assertTrue(message.contains(expected), message);
  }

  private static void assertRefused(String expected, ServiceMatch match) {
    assertRefused(expected, match, ServiceHandling.DEFAULT);
  }

  @Test
  void shouldPutPortsInOrderAndJoinThem() {
    assertEquals(
        ports("22", "80-82", "443"),
        MATCH.withPorts(ports("443", "81-82", "80", "80-81", "22")).ports());
    assertEquals(List.of(), MATCH.withPorts(ports("1-65535", "0")).ports());
    assertEquals(Protocol.ALL, MATCH.withProtocols(Set.of()).protocols());
  }

  @ParameterizedTest
  @CsvSource({"80-", "-80", "x", "65536", "90-80", "''", "1-2-3", "+5"})
  void shouldRefuseWhatIsNoPort(String text) {
    assertThrows(StateException.class, () -> PortRange.parse(text));
  }

  @Test
  void shouldRefuseAServiceThatNoPacketFits() {
    assertRefused("has no VIP", ServiceMatch.of(List.of()));
    assertRefused(
        "names ports, which icmp,other does not have",
        MATCH.withPorts(ports("80")).withProtocols(Set.of(Protocol.ICMP, Protocol.OTHER)));
    assertRefused(
        "names ports, which icmp does not have",
        MATCH.withPorts(ports("80")).withConditions(List.of(ByteCondition.parse("icmp[0] = 8"))));
    assertRefused(
        "no VIP of that family", MATCH.withSources(prefixes("10.0.0.0/8", "2001:db8::/32")));
    assertRefused(
        "no sources of that family: add some, such as ::/0",
        match("10.0.0.1", "2001:db8::1").withSources(prefixes("10.0.0.0/8")));
  }

  @Test
  void shouldRefuseConditionsThatNoPacketMeets() {
    ByteCondition syn = ByteCondition.parse("tcp[13] & 2 = 2");
    ByteCondition noSyn = ByteCondition.parse("tcp[12:2] & 2 = 0");
    ByteCondition udp = ByteCondition.parse("udp[8] = 1");
    assertRefused(
        "is not for tcp", MATCH.withProtocols(Set.of(Protocol.UDP)).withConditions(List.of(syn)));
    assertRefused("no packet can meet at once", MATCH.withConditions(List.of(syn, noSyn)));
    assertRefused("no packet can meet at once", MATCH.withConditions(List.of(syn, udp)));
    assertRefused(
        "use icmp, or two", MATCH.withConditions(List.of(ByteCondition.parse("icmp6[0] = 128"))));
    new Service(
        "web",
        "pool",
        0,
        MATCH.withConditions(List.of(syn, ByteCondition.parse("tcp[12:2] & 0x10 = 0x10"))),
        ServiceHandling.DEFAULT);
  }

  @Test
  void shouldRefuseWhatCannotBeHandled() {
    assertRefused(
        "not for SCTP",
        MATCH.withProtocols(Set.of(Protocol.UDP)),
        ServiceHandling.DEFAULT.withSctpOverUdpPort(9899));
    assertThrows(StateException.class, () -> ServiceHandling.DEFAULT.withSctpOverUdpPort(65536));
    assertThrows(StateException.class, () -> NoBackend.mark(0));
    assertThrows(StateException.class, () -> NoBackend.parse("accept"));
    assertThrows(
        StateException.class,
        () -> new Service("web", "pool", prefixes("::1")).withPriority(32768));
  }

  @Test
  void shouldReadAndPrintWhatToDoWithoutBackends() {
    for (String text : List.of("default", "drop", "mark:0x7e")) {
      assertEquals(text, NoBackend.parse(text).toString());
    }
    assertEquals(NoBackend.mark(126), NoBackend.parse("mark:126"));
  }
}

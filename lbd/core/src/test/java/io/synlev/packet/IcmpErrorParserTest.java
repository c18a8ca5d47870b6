package io.synlev.packet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.ffi.GuardPages;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every packet ends where forbidden memory begins. */
class IcmpErrorParserTest {

  private static final long CLIENT = 0xc000_0201L;
  private static final long VIP = 0xc000_0202L;
  private static final long NET_V6 = 0x2001_0db8_0000_0000L;

  /** Client port 1000, VIP port 80. */
  private static final int FLOW_PORTS = 1000 << 16 | 80;

  private final PacketHeaders outer = new PacketHeaders();
  private final PacketHeaders quoted = new PacketHeaders();
  private GuardPages memory;

  @BeforeEach
  void map() throws Exception {
    memory = new GuardPages(4096);
  }

  @AfterEach
  void unmap() {
    memory.close();
  }

  private HeaderStatus parse(byte[] packet) {
    long address = memory.placeAtEnd(packet);
    assertEquals(HeaderStatus.OK, PacketParser.parse(address, packet.length, outer));
    assertEquals(PacketKind.ICMP_ERROR, outer.kind);
    return IcmpErrorParser.parse(address, packet.length, outer, quoted);
  }

  /** From the client to the VIP. */
  private void assertFlow(PacketKind kind, int protocol, int ports) {
    assertEquals(HeaderStatus.OK, quoted.status);
    assertEquals(kind, quoted.kind);
    assertEquals(protocol, quoted.flow.protocol);
    assertEquals(ports, quoted.flow.ports, () -> Integer.toHexString(quoted.flow.ports));
    assertAddresses();
  }

  private void assertAddresses() {
    boolean v4 = outer.flow.family == FlowKey.IPV4;
    assertEquals(outer.flow.family, quoted.flow.family);
    assertEquals(v4 ? 0 : NET_V6, quoted.flow.sourceHigh);
    assertEquals(v4 ? CLIENT : 1, quoted.flow.sourceLow);
    assertEquals(v4 ? 0 : NET_V6, quoted.flow.destinationHigh);
    assertEquals(v4 ? VIP : 2, quoted.flow.destinationLow);
  }

  @ParameterizedTest
  @CsvSource({
    // RFC 792: unreachable, source quench, redirect, time exceeded, parameter problem
    "3, 0",
    "3, 1",
    "3, 2",
    "3, 3",
    "3, 4",
    "3, 13",
    "3, 15",
    "4, 0",
    "5, 0",
    "5, 3",
    "11, 0",
    "11, 1",
    "12, 0",
    "12, 2"
  })
  void shouldFindTheFlowInEveryIcmpError(int type, int code) {
    parse(Errors.ipv4(type, code, "00000000", Errors.quote4(6, Errors.PORTS)));
    assertFlow(PacketKind.TCP, 6, FLOW_PORTS);
  }

  @ParameterizedTest
  @CsvSource({
    // RFC 4443: unreachable, too big, time exceeded, parameter problem; 100 is for experiments
    "1, 0",
    "1, 4",
    "1, 6",
    "2, 0",
    "3, 0",
    "3, 1",
    "4, 0",
    "4, 3",
    "100, 0"
  })
  void shouldFindTheFlowInEveryIcmpv6Error(int type, int code) {
    parse(Errors.ipv6(type, code, "00000000", Errors.quote6(6, Errors.PORTS)));
    assertFlow(PacketKind.TCP, 6, FLOW_PORTS);
  }

  static Stream<Arguments> quotes4() {
    return Stream.of(
        Arguments.of(Errors.quote4(6, Errors.PORTS), PacketKind.TCP, 6, FLOW_PORTS),
        Arguments.of(Errors.quote4(17, Errors.PORTS), PacketKind.UDP, 17, FLOW_PORTS),
        Arguments.of(Errors.quote4(132, Errors.PORTS), PacketKind.SCTP, 132, FLOW_PORTS),
        Arguments.of(Errors.quote4(1, Errors.ECHO_REPLY), PacketKind.ICMP_ECHO, 1, 0xabcd_0000),
        Arguments.of(
            Errors.quote4(6, "4000", Errors.OPTIONS, Errors.PORTS), PacketKind.TCP, 6, FLOW_PORTS),
        Arguments.of(
            Errors.quote4(6, "4000", Errors.OPTIONS.repeat(5), Errors.PORTS),
            PacketKind.TCP,
            6,
            FLOW_PORTS),
        Arguments.of(Errors.quote4(47, Errors.PORTS), PacketKind.OTHER, 47, 0));
  }

  @ParameterizedTest
  @MethodSource("quotes4")
  void shouldReadWhatIpv4Carries(String quote, PacketKind kind, int protocol, int ports) {
    parse(Errors.fragmentationNeeded(quote));
    assertFlow(kind, protocol, ports);
  }

  static Stream<Arguments> quotes6() {
    return Stream.of(
        Arguments.of(Errors.quote6(17, Errors.PORTS), PacketKind.UDP, 17, FLOW_PORTS),
        Arguments.of(Errors.quote6(132, Errors.PORTS), PacketKind.SCTP, 132, FLOW_PORTS),
        Arguments.of(
            Errors.quote6(58, Errors.ECHO_REPLY_V6), PacketKind.ICMP_ECHO, 58, 0xabcd_0000),
        Arguments.of(
            Errors.quote6(
                0,
                Packets.HOP_BY_HOP,
                60,
                Packets.DESTINATION_OPTIONS,
                43,
                Packets.ROUTING,
                51,
                Packets.AH,
                44,
                Packets.ATOMIC,
                6,
                Errors.PORTS),
            PacketKind.TCP,
            6,
            FLOW_PORTS));
  }

  @ParameterizedTest
  @MethodSource("quotes6")
  void shouldReadWhatIpv6Carries(String quote, PacketKind kind, int protocol, int ports) {
    parse(Errors.packetTooBig(quote));
    assertFlow(kind, protocol, ports);
  }

  @Test
  void shouldFindPortsInAFirstFragmentOnly() {
    parse(Errors.ipv4(11, 1, "00000000", Errors.quote4(17, "2000", "", Errors.PORTS)));
    assertFlow(PacketKind.UDP, 17, FLOW_PORTS);
    assertTrue(quoted.fragment);
    parse(Errors.packetTooBig(Errors.quote6(44, Errors.FIRST, 17, Errors.PORTS)));
    assertFlow(PacketKind.UDP, 17, FLOW_PORTS);
    assertTrue(quoted.fragment);

    parse(Errors.ipv4(12, 0, "00000000", Errors.quote4(17, "20b9", "", Errors.PORTS)));
    assertFlow(PacketKind.UNKNOWN, 17, 0);
    assertEquals(1480, quoted.fragmentOffset);
    parse(Errors.packetTooBig(Errors.quote6(44, Errors.LATER, 17, Errors.PORTS)));
    assertFlow(PacketKind.UNKNOWN, 17, 0);
    assertEquals(8, quoted.fragmentOffset);
  }

  @Test
  void shouldDoWithTheEightBytesThatRfc792Promises() {
    byte[] error = Errors.fragmentationNeeded(Errors.quote4(6, Errors.PORTS));
    assertEquals(20 + 8 + 20 + 8, error.length);
    assertEquals(HeaderStatus.OK, parse(error));
    assertEquals(HeaderStatus.OK, parse(Arrays.copyOf(error, error.length - 4)), "the ports");
    assertEquals(
        HeaderStatus.TRUNCATED_TRANSPORT_HEADER, parse(Arrays.copyOf(error, error.length - 5)));
    assertAddresses();
    byte[] echo = Errors.fragmentationNeeded(Errors.quote4(1, Errors.ECHO_REPLY));
    assertEquals(HeaderStatus.OK, parse(Arrays.copyOf(echo, echo.length - 2)));
    assertEquals(
        HeaderStatus.TRUNCATED_TRANSPORT_HEADER, parse(Arrays.copyOf(echo, echo.length - 3)));
  }

  @Test
  void shouldSayWhereTheQuoteEnds() {
    byte[] error = Errors.packetTooBig(Errors.quote6(60, Packets.DESTINATION_OPTIONS, 6, ""));
    assertEquals(HeaderStatus.TRUNCATED_TRANSPORT_HEADER, parse(error));
    assertEquals(
        HeaderStatus.TRUNCATED_EXTENSION_HEADER, parse(Arrays.copyOf(error, error.length - 1)));
    assertEquals(HeaderStatus.TRUNCATED_IP_HEADER, parse(Arrays.copyOf(error, 40 + 8 + 39)));
    assertEquals(HeaderStatus.EMPTY, parse(Arrays.copyOf(error, 40 + 8)));
    assertEquals(HeaderStatus.EMPTY, parse(Arrays.copyOf(error, 40 + 1)), "ICMP header cut");
    byte[] options = Errors.fragmentationNeeded(Errors.quote4(6, "4000", Errors.OPTIONS, ""));
    assertEquals(HeaderStatus.TRUNCATED_IP_HEADER, parse(Arrays.copyOf(options, 20 + 8 + 27)));
  }

  @Test
  void shouldRefuseAQuoteOfTheOtherFamily() {
    assertEquals(
        HeaderStatus.BAD_VERSION,
        parse(Errors.fragmentationNeeded(Errors.quote6(6, Errors.PORTS))));
    assertEquals(
        HeaderStatus.BAD_VERSION, parse(Errors.packetTooBig(Errors.quote4(6, Errors.PORTS))));
    assertEquals(0, quoted.flow.family);
  }

  @Test
  void shouldRefuseAHeaderLengthBelowFiveWords() {
    String quote = Errors.quote4(6, Errors.PORTS).replaceFirst("^45", "44");
    assertEquals(HeaderStatus.BAD_IP_HEADER_LENGTH, parse(Errors.fragmentationNeeded(quote)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0000", "0013", "dc05", "ffff"})
  void shouldNotBelieveTheQuotedLength(String total) {
    String quote = Errors.quote4(6, Errors.PORTS).replaceFirst("05dc", total);
    parse(Errors.fragmentationNeeded(quote));
    assertFlow(PacketKind.TCP, 6, FLOW_PORTS);
  }

  @Test
  void shouldLeaveTheQuotedTransportHeaderToItsSender() {
    // data offset 0, and a UDP length of 1
    parse(Errors.fragmentationNeeded(Errors.quote4(6, Errors.PORTS + "00".repeat(12))));
    assertFlow(PacketKind.TCP, 6, FLOW_PORTS);
    parse(Errors.fragmentationNeeded(Errors.quote4(17, "005003e8" + "0001" + "0000")));
    assertFlow(PacketKind.UDP, 17, FLOW_PORTS);
  }

  @ParameterizedTest
  @CsvSource({"3, 00200000", "11, 00200000", "12, 00200000"})
  void shouldEndTheQuoteWhereTheExtensionsBegin(int type, String rest) {
    // 14 option words and no more than 128 bytes: the rest would be taken from the extension
    String quote = Errors.quote4(6, "4000", "01010101".repeat(10), "");
    byte[] whole = Errors.ipv4(type, 1, rest, Errors.extended(quote + Errors.PORTS));
    parse(whole);
    assertFlow(PacketKind.TCP, 6, FLOW_PORTS);
    String long6 = Errors.quote6(0, "NN" + "09" + "0104" + "00".repeat(76), 6, "");
    assertEquals(240, long6.length(), "120 bytes, so 8 are left of 128");
    byte[] error = Errors.ipv6(1, 0, "10000000", long6 + Errors.PORTS + Errors.EXTENSION);
    parse(error);
    assertFlow(PacketKind.TCP, 6, FLOW_PORTS);
  }

  @Test
  void shouldNotTakeAnExtensionForPorts() {
    String full = Errors.quote6(0, "NN" + "0a" + "0104" + "00".repeat(84), 6, "");
    assertEquals(256, full.length(), "128 bytes: no port is quoted");
    assertEquals(
        HeaderStatus.TRUNCATED_TRANSPORT_HEADER,
        parse(Errors.ipv6(1, 0, "10000000", full + Errors.EXTENSION)));
    assertEquals(
        HeaderStatus.OK, parse(Errors.ipv6(1, 0, "00000000", full + Errors.PORTS)), "no length");
    assertEquals(
        HeaderStatus.OK,
        parse(Errors.ipv6(2, 0, "10000000", full + Errors.PORTS)),
        "packet too big has an MTU there");
  }

  @Test
  void shouldEndTheQuoteWhereTheBytesDoWhateverItsLengthSays() {
    String full = Errors.quote6(0, "NN" + "0a" + "0104" + "00".repeat(84), 6, "");
    byte[] error = Errors.ipv6(1, 0, "20000000", full + Errors.PORTS); // says 256 bytes, has 136
    assertEquals(HeaderStatus.OK, parse(error));
    assertEquals(
        HeaderStatus.TRUNCATED_TRANSPORT_HEADER, parse(Arrays.copyOf(error, error.length - 5)));
  }

  @Test
  void shouldTakeASmallLengthForRubbish() {
    parse(Errors.ipv4(3, 3, "00010000", Errors.quote4(17, Errors.PORTS + "00".repeat(200))));
    assertFlow(PacketKind.UDP, 17, FLOW_PORTS);
  }

  @Test
  void shouldNotLookBehindTheEndOfTheOuterPacket() {
    byte[] error = Errors.fragmentationNeeded(Errors.quote4(6, Errors.PORTS));
    error[3] -= 5;
    assertEquals(HeaderStatus.TRUNCATED_TRANSPORT_HEADER, parse(error));
    byte[] error6 = Errors.packetTooBig(Errors.quote6(6, Errors.PORTS));
    error6[5] -= 5;
    assertEquals(HeaderStatus.TRUNCATED_TRANSPORT_HEADER, parse(error6));
  }

  @Test
  void shouldFindTheRedirectedHeader() {
    String option = Errors.redirectedHeader(Errors.quote6(6, Errors.PORTS));
    String address = "0201020304050607";
    parse(Errors.redirect6(option));
    assertFlow(PacketKind.TCP, 6, FLOW_PORTS);
    parse(Errors.redirect6(address.repeat(7) + option + address));
    assertFlow(PacketKind.TCP, 6, FLOW_PORTS);
    assertEquals(HeaderStatus.EMPTY, parse(Errors.redirect6(address.repeat(8) + option)));
    assertEquals(HeaderStatus.EMPTY, parse(Errors.redirect6("")));
    assertEquals(HeaderStatus.EMPTY, parse(Errors.redirect6(address)));
    assertEquals(HeaderStatus.EMPTY, parse(Errors.redirect6("0200000000000000" + option)));
    String shorter = "0406" + option.substring(4); // 8 + 40: without the ports
    assertEquals(HeaderStatus.TRUNCATED_TRANSPORT_HEADER, parse(Errors.redirect6(shorter)));
  }

  @Test
  void shouldNotTakeTheVipsOwnPingForAFlow() {
    parse(Errors.fragmentationNeeded(Errors.quote4(1, "08000000abcd0001")));
    assertFlow(PacketKind.ICMP_OTHER, 1, 0);
    parse(Errors.packetTooBig(Errors.quote6(58, "80000000abcd0001")));
    assertFlow(PacketKind.ICMP_OTHER, 58, 0);
    parse(Errors.packetTooBig(Errors.quote6(58, "01000000abcd0001")));
    assertFlow(PacketKind.ICMP_ERROR, 58, 0);
  }

  @ParameterizedTest
  @CsvSource({
    // The hosts' own errors about packets of captured.txt; ports as tcpdump prints them, swapped
    "port-unreachable, UDP, 54, 56581",
    "port-unreachable6, UDP, 54, 37441",
    "parameter-problem6, SCTP, 5001, 5000"
  })
  void shouldReadWhatTheKernelQuotes(String name, PacketKind kind, int source, int destination) {
    parse(Captured.named(name).bytes());
    assertEquals(HeaderStatus.OK, quoted.status);
    assertEquals(kind, quoted.kind);
    assertEquals(source << 16 | destination, quoted.flow.ports);
    assertEquals(outer.flow.destinationLow, quoted.flow.destinationLow);
    assertEquals(outer.flow.sourceLow, quoted.flow.sourceLow);
  }

  @Test
  void shouldLeaveNothingOfAnEarlierQuote() {
    parse(Errors.ipv4(11, 1, "00000000", Errors.quote4(17, "2000", "", Errors.PORTS)));
    parse(HexFormat.of().parseHex("4500001c0000000040010000c00002fec0000202" + "0304000000000000"));
    assertEquals(HeaderStatus.EMPTY, quoted.status);
    assertEquals(PacketKind.UNKNOWN, quoted.kind);
    assertEquals(0, quoted.flow.family);
    assertEquals(0, quoted.flow.ports);
    assertFalse(quoted.fragment);
  }
}

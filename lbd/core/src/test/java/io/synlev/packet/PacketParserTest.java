package io.synlev.packet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.ffi.GuardPages;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every packet ends where forbidden memory begins. */
class PacketParserTest {

  private final PacketHeaders headers = new PacketHeaders();
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
    return PacketParser.parse(memory.placeAtEnd(packet), packet.length, headers);
  }

  static List<Captured> captured() {
    return Captured.all();
  }

  @ParameterizedTest
  @MethodSource("captured")
  void shouldFindWhatTheCaptureSays(Captured packet) {
    assertEquals(HeaderStatus.OK, parse(packet.bytes()));
    assertEquals(packet.kind(), headers.kind);
    assertEquals(packet.protocol(), headers.flow.protocol);
    assertEquals(packet.ports(), headers.flow.ports);
    assertEquals(packet.transportOffset(), headers.transportOffset);
    assertArrayEquals(
        Captured.addressBytes(packet.source()),
        bytes(headers.flow.sourceHigh, headers.flow.sourceLow));
    assertArrayEquals(
        Captured.addressBytes(packet.destination()),
        bytes(headers.flow.destinationHigh, headers.flow.destinationLow));
    assertEquals(packet.fragment(), fragment());
  }

  private byte[] bytes(long high, long low) {
    byte[] all = ByteBuffer.allocate(16).putLong(high).putLong(low).array();
    return headers.flow.family == FlowKey.IPV4 ? Arrays.copyOfRange(all, 12, 16) : all;
  }

  private String fragment() {
    return !headers.fragment
        ? "-"
        : headers.fragmentOffset
            + (headers.moreFragments ? "/more/" : "/last/")
            + Integer.toUnsignedString(headers.identification);
  }

  @Test
  void shouldSayThatNothingIsThere() {
    assertEquals(HeaderStatus.EMPTY, parse(new byte[0]));
    assertEquals(HeaderStatus.EMPTY, PacketParser.parse(memory.end(), -1, headers));
  }

  @ParameterizedTest
  @CsvSource({"00", "30", "50", "70", "f0"})
  void shouldRefuseOtherVersions(String first) {
    byte[] packet = Packets.ipv4(17, Packets.UDP);
    packet[0] = (byte) Integer.parseInt(first, 16);
    assertEquals(HeaderStatus.BAD_VERSION, parse(packet));
    assertEquals(0, headers.flow.family);
  }

  @ParameterizedTest
  @CsvSource({"0", "1", "4"})
  void shouldRefuseAnIpv4HeaderLengthBelowFiveWords(int words) {
    byte[] packet = Packets.ipv4(17, Packets.UDP);
    packet[0] = (byte) (0x40 | words);
    assertEquals(HeaderStatus.BAD_IP_HEADER_LENGTH, parse(packet));
  }

  @Test
  void shouldRefuseATotalLengthBelowTheHeader() {
    assertEquals(HeaderStatus.BAD_TOTAL_LENGTH, parse(Packets.ipv4(19, 17, Packets.UDP)));
    assertEquals(HeaderStatus.BAD_TOTAL_LENGTH, parse(Packets.ipv4(0, 17, Packets.UDP)));
    byte[] options = Packets.ipv4(20, 17, "01010101" + Packets.UDP);
    options[0] = 0x46;
    assertEquals(HeaderStatus.BAD_TOTAL_LENGTH, parse(options));
  }

  @Test
  void shouldNotTakePaddingForAHeader() {
    assertEquals(HeaderStatus.HEADERS_BEYOND_LENGTH, parse(Packets.ipv4(23, 17, Packets.UDP)));
    assertEquals(HeaderStatus.OK, parse(Packets.ipv4(24, 17, Packets.UDP)));
    assertEquals(
        HeaderStatus.HEADERS_BEYOND_LENGTH, parse(Packets.ipv6WithLength(0, 17, Packets.UDP)));
    assertEquals(
        HeaderStatus.HEADERS_BEYOND_LENGTH,
        parse(Packets.ipv6WithLength(10, 0, Packets.HOP_BY_HOP, 17, Packets.UDP)));
    assertEquals(
        HeaderStatus.HEADERS_BEYOND_LENGTH,
        parse(Packets.ipv6WithLength(7, 0, Packets.HOP_BY_HOP, 17, Packets.UDP)));
  }

  @Test
  void shouldReachAsFarAsTheBytesForBigTcpAndJumbograms() {
    assertEquals(HeaderStatus.OK, parse(Packets.ipv4(0, 6, Packets.TCP)));
    assertEquals(HeaderStatus.OK, parse(Packets.ipv6WithLength(0, 6, Packets.TCP)));
    assertEquals(
        HeaderStatus.OK, parse(Packets.ipv6WithLength(0, 0, Packets.HOP_BY_HOP, 6, Packets.TCP)));
    assertEquals(0x03e8_0050, headers.flow.ports);
  }

  @Test
  void shouldFindPortsOfAPacketThatTheQueueCut() {
    byte[] cut = Arrays.copyOf(Packets.ipv4(1500, 6, Packets.TCP), 24);
    assertEquals(HeaderStatus.OK, parse(cut));
    assertEquals(0x03e8_0050, headers.flow.ports);
  }

  @ParameterizedTest
  @CsvSource({"00", "10", "40"})
  void shouldRefuseATcpDataOffsetBelowFiveWords(String field) {
    byte[] packet = Packets.ipv4(6, Packets.TCP);
    packet[20 + 12] = (byte) Integer.parseInt(field, 16);
    assertEquals(HeaderStatus.BAD_TRANSPORT_LENGTH, parse(packet));
    assertTrue(headers.status.knowsAddresses());
    assertEquals(HeaderStatus.OK, parse(Arrays.copyOf(packet, 32)), "the field is cut off");
  }

  @ParameterizedTest
  @CsvSource({"0, OK", "1, BAD_TRANSPORT_LENGTH", "7, BAD_TRANSPORT_LENGTH", "8, OK", "255, OK"})
  void shouldRefuseAUdpLengthBelowItsHeader(int length, HeaderStatus expected) {
    byte[] packet = Packets.ipv6(17, Packets.UDP);
    packet[40 + 5] = (byte) length;
    assertEquals(expected, parse(packet));
  }

  @Test
  void shouldStepOverEveryExtensionHeader() {
    byte[] packet =
        Packets.ipv6(
            0,
            Packets.HOP_BY_HOP,
            60,
            Packets.DESTINATION_OPTIONS,
            43,
            Packets.ROUTING,
            51,
            Packets.AH,
            135,
            Packets.MOBILITY,
            139,
            Packets.HIP,
            140,
            Packets.SHIM6,
            6,
            Packets.TCP);
    assertEquals(HeaderStatus.OK, parse(packet));
    assertEquals(PacketKind.TCP, headers.kind);
    assertEquals(40 + 8 + 8 + 24 + 24 + 8 + 40 + 8, headers.transportOffset);
    assertEquals(6, headers.flow.protocol);
    assertEquals(0x03e8_0050, headers.flow.ports);
  }

  @Test
  void shouldLimitTheChain() {
    assertEquals(HeaderStatus.OK, parse(chain(8)));
    assertEquals(PacketKind.UDP, headers.kind);
    assertEquals(HeaderStatus.TOO_MANY_EXTENSION_HEADERS, parse(chain(9)));
    assertEquals(PacketKind.UNKNOWN, headers.kind);
  }

  private static byte[] chain(int length) {
    List<Object> parts = new ArrayList<>();
    Collections.nCopies(length, Packets.DESTINATION_OPTIONS)
        .forEach(options -> parts.addAll(List.of(60, options)));
    parts.addAll(List.of(17, Packets.UDP));
    return Packets.ipv6(parts.toArray());
  }

  @Test
  void shouldNotCallAnAtomicFragmentAFragment() {
    assertEquals(HeaderStatus.OK, parse(Packets.ipv6(44, Packets.ATOMIC, 17, Packets.UDP)));
    assertFalse(headers.fragment);
    assertEquals(PacketKind.UDP, headers.kind);
    assertEquals(48, headers.transportOffset);
  }

  @Test
  void shouldEndTheChainAtASecondFragmentHeader() {
    byte[] packet = Packets.ipv6(44, Packets.ATOMIC, 44, Packets.ATOMIC, 17, Packets.UDP);
    assertEquals(HeaderStatus.OK, parse(packet));
    assertEquals(PacketKind.OTHER, headers.kind);
  }

  @Test
  void shouldNotLookIntoLaterFragments() {
    String later = "NN" + "00" + "0008" + "12345678";
    assertEquals(HeaderStatus.OK, parse(Packets.ipv6(44, later, 60, "")));
    assertEquals("8/last/305419896", fragment());
    assertEquals(60, headers.flow.protocol);
    assertEquals(-1, headers.transportOffset);
  }

  @ParameterizedTest
  @CsvSource({
    "3, ICMP_ERROR",
    "4, ICMP_ERROR",
    "5, ICMP_ERROR",
    "11, ICMP_ERROR",
    "12, ICMP_ERROR",
    "0, ICMP_OTHER",
    "8, ICMP_ECHO",
    "13, ICMP_OTHER",
    "128, ICMP_OTHER"
  })
  void shouldTellIcmpMessagesApart(int type, PacketKind kind) {
    assertEquals(HeaderStatus.OK, parse(Packets.ipv4(1, "%02x000000abcd0001".formatted(type))));
    assertEquals(kind, headers.kind);
    assertEquals(kind == PacketKind.ICMP_ECHO ? 0xabcd_0000 : 0, headers.flow.ports);
  }

  @ParameterizedTest
  @CsvSource({
    "1, ICMP_ERROR",
    "2, ICMP_ERROR",
    "4, ICMP_ERROR",
    "127, ICMP_ERROR",
    "8, ICMP_ERROR",
    "128, ICMP_ECHO",
    "129, ICMP_OTHER",
    "135, ICMP_OTHER",
    "137, ICMP_ERROR",
    "255, ICMP_OTHER"
  })
  void shouldTellIcmpv6MessagesApart(int type, PacketKind kind) {
    assertEquals(HeaderStatus.OK, parse(Packets.ipv6(58, "%02x000000abcd0001".formatted(type))));
    assertEquals(kind, headers.kind);
    assertEquals(kind == PacketKind.ICMP_ECHO ? 0xabcd_0000 : 0, headers.flow.ports);
  }

  @Test
  void shouldNotTakeIcmpOfTheOtherFamilyForIcmp() {
    parse(Packets.ipv4(58, "80000000abcd0001"));
    assertEquals(PacketKind.OTHER, headers.kind);
    parse(Packets.ipv6(1, "08000000abcd0001"));
    assertEquals(PacketKind.OTHER, headers.kind);
  }

  @Test
  void shouldLeaveNothingOfAnEarlierPacket() {
    parse(Captured.named("udp6-first-fragment").bytes());
    parse(new byte[] {0});
    assertTrue(new ModelParser(new byte[] {0}).agreesWith(headers));
  }
}

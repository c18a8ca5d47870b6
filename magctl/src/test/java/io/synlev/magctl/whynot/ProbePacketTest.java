package io.synlev.magctl.whynot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.synlev.ffi.PacketSocket.Seen;
import io.synlev.packet.IpProtocol;
import io.synlev.state.Addresses;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Packets that are made, and packets that are seen; the latter were captured in a lab. */
class ProbePacketTest {
  private static final int SEQUENCE = 1000;

  private static ProbeFlow flow(int protocol, String source, String destination) {
    return new ProbeFlow(
        protocol, Addresses.parse(source), 40001, Addresses.parse(destination), 5001);
  }

  private static final ProbeFlow CAPTURED = flow(IpProtocol.TCP, "198.18.0.1", "10.0.0.0");

  @ParameterizedTest
  @CsvSource({
    "6, 198.18.0.1, 10.0.0.0",
    "17, 198.18.0.1, 10.0.0.0",
    "6, 2001:2::1, 1000::",
    "17, 2001:2::1, 1000::",
  })
  void shouldMakeChecksumsThatAddUp(int protocol, String source, String destination) {
    ProbeFlow flow = flow(protocol, source, destination);
    ByteBuffer packet = ByteBuffer.wrap(ProbePacket.first(flow, SEQUENCE));
    int header = flow.isIpv6() ? 40 : 20;
    if (!flow.isIpv6()) {
      assertEquals(0xffff, sum(packet, 0, 20, 0), "RFC 1071: with its checksum it is all ones");
    }
    // RFC 9293 and RFC 8200, section 8.1: addresses, length and protocol count, too.
    int payload = packet.limit() - header;
    int pseudo = flow.isIpv6() ? 8 : 12;
    assertEquals(0xffff, sum(packet, pseudo, packet.limit() - pseudo, payload + protocol));
  }

  private static int sum(ByteBuffer packet, int from, int bytes, int start) {
    int sum = start;
    for (int at = from; at < from + bytes; at += 2) {
      sum += packet.getShort(at) & 0xffff;
      sum = (sum & 0xffff) + (sum >>> 16);
    }
    return sum;
  }

  @Test
  void shouldMakeTheSynThatAnotherProgramMakes() {
    // Made and sent by a Python script; its identification is 1 and its TTL 64.
    byte[] expected =
        HexFormat.of()
            .parseHex(
                "450000280001400040066abcc61200010a000000"
                    + "9c411389000003e8000000005002faf0312c0000");
    ByteBuffer packet = ByteBuffer.wrap(ProbePacket.first(CAPTURED, SEQUENCE));
    packet.putShort(4, (short) 1).put(8, (byte) 64).putShort(10, (short) 0x6abc);
    assertEquals(HexFormat.of().formatHex(expected), HexFormat.of().formatHex(packet.array()));
  }

  @ParameterizedTest
  @CsvSource({
    // The SYN when it came in, and when it left with one hop less.
    "450000280001400040066abcc61200010a0000009c411389000003e8000000005002faf0312c0000, PROBE, 64",
    "45000028000140003f066bbcc61200010a0000009c411389000003e8000000005002faf0312c0000, PROBE, 63",
    // The SYN-ACK of a server that has the VIP, and of one behind dnat.
    "4500002c0000400040066ab90a000000c612000113899c4194356727000003e96012faf0d0310000020405b4,"
        + " ANSWER, 64",
    "4500002c000040004006b20fc0a80201c612000113899c412e830982000003e96012faf088db0000020405b4,"
        + " ANSWER, 64",
  })
  void shouldKnowThePacketsOfItsFlow(String hex, Sighting.Kind kind, int ttl) {
    Sighting sighting = sighting(hex);
    assertEquals(kind, sighting.kind());
    assertEquals(ttl, sighting.ttl());
  }

  private static Sighting sighting(String hex) {
    return Sighting.of(new Seen(7, false, HexFormat.of().parseHex(hex)), "s1", CAPTURED, 0);
  }

  @Test
  void shouldKnowARefusalByItsResetFlag() {
    // The SYN-ACK above with the flags RST and ACK.
    Sighting sighting =
        sighting(
            "4500002c0000400040066ab90a000000c612000113899c4194356727000003e96014faf0d0310000020405b4");
    assertEquals(Sighting.Kind.REFUSAL, sighting.kind());
  }

  @Test
  void shouldKnowAnErrorByItsTypeAndAddressee() {
    // ICMP host unreachable from 192.168.1.254 to the client (RFC 792), about some packet.
    assertEquals(
        Sighting.Kind.ERROR,
        sighting("4500001c0000000040010000c0a801fec6120001030100000000000045000028").kind());
  }

  @ParameterizedTest
  @CsvSource({
    // Another client's SYN, another port's, an echo request to the client, half a packet, none.
    "450000280001400040066abcc61200020a0000009c411389000003e8000000005002faf0312c0000",
    "450000280001400040066abcc61200010a0000009c421389000003e8000000005002faf0312c0000",
    "4500001c0000000040010000c0a801fec6120001080000000000000045000028",
    "450000280001400040066abcc6120001",
    "00",
  })
  void shouldLeaveOthersPacketsAlone(String hex) {
    assertNull(sighting(hex));
  }
}

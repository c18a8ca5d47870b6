package io.synlev.nat;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * ICMP errors: RFC 5508, REQ-4 (about what the client was sent) and REQ-5 (about what the backend
 * was sent), RFC 4443. The outer packet's source becomes the one that the receiver talks to.
 */
class IcmpErrorTest {

  private static final String ROUTER = "198.51.100.254";
  private static final String ROUTER_V6 = "2001:db8:c::ff";

  private NatBed bed;

  @BeforeEach
  void open() throws Exception {
    bed = NatBed.usual();
  }

  @AfterEach
  void close() {
    bed.close();
  }

  @ParameterizedTest
  @CsvSource({
    "6, false, 1000",
    "6, false, 28",
    "6, false, 38",
    "6, false, 37",
    "6, false, 39",
    "17, false, 1000",
    "17, false, 28",
    "17, false, 24",
    "17, false, 27",
    "6, true, 1000",
    "6, true, 48",
    "6, true, 58",
    "6, true, 57",
    "6, true, 59",
    "17, true, 1000",
    "17, true, 48",
    "17, true, 44",
    "17, true, 47"
  })
  void shouldTranslateErrorsOfBothSides(int protocol, boolean isIpv6, int quotedBytes) {
    String client = isIpv6 ? NatBed.full(NatBed.CLIENT_V6) : NatBed.CLIENT;
    String vip = isIpv6 ? NatBed.full(NatBed.VIP_V6) : NatBed.VIP;
    String router = isIpv6 ? NatBed.full(ROUTER_V6) : ROUTER;
    Packet packet = Packet.of(protocol, client, 40000, vip, 80, Packet.SYN).with("some data");
    Packet there = bed.send(packet);
    Packet reply = there.reply().with("an answer, odd.");
    Packet back = bed.answer(reply);

    // Somebody on the client's side: what V:vp sent to C:cp did not get there.
    byte[] fromRouter = Errors.error(router, vip, Errors.aged(back.bytes(), isIpv6), quotedBytes);
    byte[] out = bed.toBackend(fromRouter);
    assertEquals(NatOutcome.TRANSLATED, bed.outcome);
    byte[] asSent = Errors.aged(reply.bytes(), isIpv6);
    keepHalfASum(asSent, Errors.aged(back.bytes(), isIpv6), isIpv6, protocol, quotedBytes);
    assertArrayEquals(Errors.error(there.from(), there.to(), asSent, quotedBytes), out);
    assertEquals(NatBed.NUMBER, bed.translator().backend);

    // Somebody on the backend's side: what S:sp sent to B:bp did not get there.
    byte[] fromBackendsSide =
        Errors.error(router, there.from(), Errors.aged(there.bytes(), isIpv6), quotedBytes);
    byte[] toClient = bed.toClient(fromBackendsSide);
    assertEquals(NatOutcome.TRANSLATED, bed.outcome);
    byte[] asClientSent = Errors.aged(packet.bytes(), isIpv6);
    keepHalfASum(asClientSent, Errors.aged(there.bytes(), isIpv6), isIpv6, protocol, quotedBytes);
    assertArrayEquals(Errors.error(vip, client, asClientSent, quotedBytes), toClient);
    assertEquals(NatBed.MAC, bed.translator().clientMac);
    assertEquals(0, bed.owner(fromBackendsSide));
  }

  /** A quote that ends within the transport checksum has a byte that says nothing: it stays. */
  private static void keepHalfASum(
      byte[] expected, byte[] quoted, boolean isIpv6, int protocol, int quotedBytes) {
    int sumAt = (isIpv6 ? 40 : 20) + (protocol == Packet.TCP ? 16 : 6);
    if (quotedBytes == sumAt + 1) {
      expected[sumAt] = quoted[sumAt];
    }
  }

  @Test
  void shouldKeepTypeCodeAndMtu() {
    Packet packet = Packet.tcp(NatBed.CLIENT, 40000, NatBed.VIP, 80, Packet.ACK);
    Packet there = bed.send(packet);
    Packet back = bed.answer(there.reply());
    byte[] tooBig = Errors.error(ROUTER, NatBed.VIP, 3, 1400, back.bytes(), 28, Errors.NO_BYTES);
    byte[] out = bed.toBackend(tooBig);
    assertArrayEquals(
        Errors.error(
            NatBed.SOURCE, NatBed.BACKEND, 3, 1400, there.reply().bytes(), 28, Errors.NO_BYTES),
        out);
    byte[] exceeded =
        Errors.error("10.9.9.9", NatBed.SOURCE, 11, 0, there.bytes(), 28, Errors.NO_BYTES);
    assertArrayEquals(
        Errors.error(NatBed.VIP, NatBed.CLIENT, 11, 0, packet.bytes(), 28, Errors.NO_BYTES),
        bed.toClient(exceeded));
  }

  /** RFC 4884: 128 bytes of the packet, padded, then a structure that is left as it is. */
  @Test
  void shouldKeepExtensions() {
    Packet packet = Packet.tcp(NatBed.CLIENT, 40000, NatBed.VIP, 80, Packet.ACK);
    Packet there = bed.send(packet.with("data"));
    byte[] padding = new byte[128 - there.bytes().length];
    byte[] extension = {0x20, 0, 0x5e, 0x1f, 0, 8, 1, 1, 0x12, 0x34, 0x56, 0x78};
    byte[] behind = Packet.join(padding, extension);
    byte[] in = Errors.error("10.9.9.9", NatBed.SOURCE, 3, 32 << 16, there.bytes(), 1000, behind);
    assertArrayEquals(
        Errors.error(
            NatBed.VIP, NatBed.CLIENT, 3, 32 << 16, packet.with("data").bytes(), 1000, behind),
        bed.toClient(in));
  }

  @Test
  void shouldLeaveAQuotedUdpPacketWithoutChecksumWithoutOne() {
    Packet packet = Packet.udp(NatBed.CLIENT, 40000, NatBed.VIP, 53).withoutSum();
    Packet there = bed.send(packet);
    byte[] in = Errors.error("10.9.9.9", NatBed.SOURCE, there.bytes(), 28);
    assertArrayEquals(
        Errors.error(NatBed.VIP, NatBed.CLIENT, packet.bytes(), 28), bed.toClient(in));
  }

  @Test
  void shouldDropErrorsOfNoSession() {
    Packet there = bed.send(Packet.udp(NatBed.CLIENT, 40000, NatBed.VIP, 53));
    Packet back = bed.answer(there.reply());
    Packet other = back.between(NatBed.VIP, 53, NatBed.CLIENT, 40001);
    bed.toBackend(Errors.error(ROUTER, NatBed.VIP, other.bytes(), 28));
    assertEquals(NatOutcome.NO_SESSION, bed.outcome);
    Packet otherBackend = there.between(there.from(), there.fromPort(), "10.1.0.9", 53);
    bed.toClient(Errors.error(ROUTER, NatBed.SOURCE, otherBackend.bytes(), 28));
    assertEquals(NatOutcome.WRONG_SENDER, bed.outcome);
    assertEquals(1, bed.tables.sessions());
  }

  @Test
  void shouldRefuseErrorsThatAreNotAboutTheReceiversPacket() {
    Packet there = bed.send(Packet.udp(NatBed.CLIENT, 40000, NatBed.VIP, 53));
    Packet back = bed.answer(there.reply());
    refuse(Errors.error(ROUTER, "192.0.2.9", back.bytes(), 28));
    refuse(
        Errors.error(
            ROUTER, NatBed.VIP, 5, 0x0a000001, back.bytes(), 28, Errors.NO_BYTES)); // redirect
    refuse(
        Errors.error(ROUTER, NatBed.VIP, 4, 0, back.bytes(), 28, Errors.NO_BYTES)); // source quench
    refuse(Errors.error(ROUTER, NatBed.VIP, back.bytes(), 23)); // cut before the ports
    refuse(Errors.error(ROUTER, NatBed.VIP, back.bytes(), 0));
    byte[] laterFragment = back.fragment(1, 100).bytes();
    refuse(Errors.error(ROUTER, NatBed.VIP, laterFragment, 28));
    byte[] echo = Packet.of(1, NatBed.VIP, 0, NatBed.CLIENT, 0, 0).bytes();
    refuse(Errors.error(ROUTER, NatBed.VIP, echo, 28));
  }

  private void refuse(byte[] error) {
    bed.toBackend(error);
    assertEquals(NatOutcome.NOT_TRANSLATABLE, bed.outcome);
  }

  /** RFC 5508, REQ-6: whoever sends errors neither keeps sessions alive nor ends them. */
  @Test
  void shouldNotLetASessionLiveOn() {
    Packet there = bed.send(Packet.udp(NatBed.CLIENT, 40000, NatBed.VIP, 53));
    byte[] error = Errors.error(ROUTER, NatBed.SOURCE, there.bytes(), 28);
    bed.now += 302 * NatBed.SECOND;
    bed.toClient(error);
    assertEquals(NatOutcome.TRANSLATED, bed.outcome);
    bed.now += 4 * NatBed.SECOND;
    bed.toClient(error);
    assertEquals(NatOutcome.NO_SESSION, bed.outcome);
  }
}

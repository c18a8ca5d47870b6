package io.synlev.nat;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whole packets, both directions; every byte of the result is computed from scratch. */
class TranslationTest {

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
    "6, 198.51.100.7, 192.0.2.1, 10.1.0.1, 203.0.113.1",
    "17, 198.51.100.7, 192.0.2.1, 10.1.0.1, 203.0.113.1",
    "6, 2001:db8:c::7, 2001:db8:1::1, fd00::1, 2001:db8:5::1",
    "17, 2001:db8:c::7, 2001:db8:1::1, fd00::1, 2001:db8:5::1"
  })
  void shouldTranslateBothWays(
      int protocol, String client, String vip, String backend, String source) {
    Packet packet = Packet.of(protocol, client, 40000, vip, 80, Packet.SYN).with("odd");
    Packet there = bed.send(packet);
    int port = there.fromPort();
    assertTrue(port >= 1024, "port " + port);
    assertEquals(
        packet.between(NatBed.full(source), port, NatBed.full(backend), 80).toString(),
        there.toString());
    Packet back = bed.answer(there.reply().flags(Packet.SYN | Packet.ACK).with("answer"));
    assertEquals(
        packet.reply().between(NatBed.full(vip), 80, NatBed.full(client), 40000).from(),
        back.from());
    assertEquals(NatBed.full(client), back.to());
    assertEquals(80, back.fromPort());
    assertEquals(40000, back.toPort());
    assertEquals(NatBed.MAC, bed.translator().clientMac);
    assertEquals(NatBed.NUMBER, bed.translator().backend);
  }

  @Test
  void shouldTranslateToABackendsOwnPort() {
    bed.backendPort = 8080;
    Packet there = bed.send(Packet.tcp(NatBed.CLIENT, 4000, NatBed.VIP, 80, Packet.SYN));
    assertEquals(8080, there.toPort());
    assertEquals(80, bed.answer(there.reply()).fromPort());
  }

  @Test
  void shouldSayWhereTheBackendIs() {
    Packet syn = Packet.tcp(NatBed.CLIENT, 4000, NatBed.VIP, 80, Packet.SYN);
    bed.send(syn);
    assertEquals(bed.hop.mac, bed.translator().nextHop.mac);
    assertEquals(bed.hop.ipv4, bed.translator().nextHop.ipv4);
    int first = bed.hop.ipv4;
    bed.decide("10.1.0.2", null);
    bed.number = 78;
    Packet there = bed.send(syn.flags(Packet.ACK));
    assertEquals(NatBed.BACKEND, there.to());
    assertEquals(first, bed.translator().nextHop.ipv4);
    assertEquals(0, bed.translator().nextHop.mac, "not that of the decided one");
    assertEquals(NatBed.NUMBER, bed.translator().backend);
  }

  @Test
  void shouldSendToTheStationThatTheClientsLastPacketCameFrom() {
    Packet packet = Packet.udp(NatBed.CLIENT, 4000, NatBed.VIP, 53);
    Packet there = bed.send(packet);
    bed.mac = 0x02aaaaaaaa02L;
    bed.send(packet);
    bed.answer(there.reply());
    assertEquals(0x02aaaaaaaa02L, bed.translator().clientMac);
  }

  @Test
  void shouldLeaveAUdpPacketWithoutChecksumWithoutOne() {
    Packet packet = Packet.udp(NatBed.CLIENT, 4000, NatBed.VIP, 53).withoutSum();
    Packet there = bed.send(packet);
    bed.answer(there.reply());
  }

  /** RFC 768: a computed checksum of 0 is sent as 0xffff, since 0 says there is none. */
  @Test
  void shouldWriteAUdpChecksumOfZeroAsAllOnes() {
    Packet packet = Packet.udp(NatBed.CLIENT, 4000, NatBed.VIP, 53).with(new byte[2]);
    Packet there = bed.send(packet);
    int sum = ByteBuffer.wrap(there.transport()).getShort(6) & 0xffff;
    byte[] data = {(byte) (sum >> 8), (byte) sum};
    byte[] out = bed.toBackend(packet.with(data).bytes());
    assertEquals((short) 0xffff, ByteBuffer.wrap(out).getShort(26));
    assertArrayEquals(there.with(data).bytes(), out);
  }

  @Test
  void shouldKeepAWrongChecksumWrong() {
    byte[] packet = Packet.tcp(NatBed.CLIENT, 4000, NatBed.VIP, 80, Packet.SYN).bytes();
    packet[36] ^= 1;
    byte[] out = bed.toBackend(packet);
    byte[] transport = Arrays.copyOfRange(out, 20, out.length);
    byte[] pseudo = Packet.pseudoHeader(NatBed.SOURCE, NatBed.BACKEND, 6, transport.length);
    assertTrue(Sums.of(pseudo, transport) != 0);
  }

  @Test
  void shouldTranslateBehindOptions() {
    byte[] alert = {(byte) 148, 4, 0, 0, 1, 1, 1, 0}; // router alert, no operation, end
    Packet packet = Packet.tcp(NatBed.CLIENT, 4000, NatBed.VIP, 80, Packet.SYN);
    bed.answer(bed.send(packet.options(0, alert)).reply());
    byte[] destinationOptions = {6, 0, 1, 4, 0, 0, 0, 0};
    Packet six = Packet.tcp(NatBed.CLIENT_V6, 4000, NatBed.VIP_V6, 80, Packet.SYN);
    bed.answer(bed.send(six.options(60, destinationOptions)).reply());
    byte[] routeAtItsEnd = {6, 0, 2, 0, 0, 0, 0, 0};
    bed.answer(bed.send(six.options(43, routeAtItsEnd)).reply());
  }

  @Test
  void shouldRefuseWhatCannotBeTranslated() {
    Packet tcp = Packet.tcp(NatBed.CLIENT, 4000, NatBed.VIP, 80, Packet.SYN);
    Packet six = Packet.tcp(NatBed.CLIENT_V6, 4000, NatBed.VIP_V6, 80, Packet.SYN);
    refuse(tcp.options(0, (byte) 131, (byte) 3, (byte) 4, (byte) 0), "loose source route");
    refuse(tcp.options(0, (byte) 1, (byte) 137, (byte) 3, (byte) 4), "strict source route");
    refuse(six.options(43, new byte[] {6, 0, 2, 1, 0, 0, 0, 0}), "a segment left");
    refuse(six.options(51, new byte[] {6, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2}), "AH");
    refuse(Packet.of(132, NatBed.CLIENT, 4000, NatBed.VIP, 80, 0), "SCTP");
    refuse(Packet.of(47, NatBed.CLIENT, 4000, NatBed.VIP, 80, 0), "GRE");
    refuse(Packet.of(1, NatBed.CLIENT, 8 << 8, NatBed.VIP, 0, 0), "echo request");
    assertEquals(7, bed.counted(NatCounter.REFUSED));
    assertEquals(0, bed.tables.sessions());
  }

  private void refuse(Packet packet, String why) {
    bed.toBackend(packet.bytes());
    assertEquals(NatOutcome.NOT_TRANSLATABLE, bed.outcome, why);
  }

  @Test
  void shouldRefuseAnotherFamily() {
    bed.decide(null, NatBed.BACKEND_V6);
    bed.toBackend(Packet.udp(NatBed.CLIENT, 4000, NatBed.VIP, 53).bytes());
    assertEquals(NatOutcome.WRONG_FAMILY, bed.outcome);
    bed.decide(NatBed.BACKEND, null);
    bed.toBackend(Packet.udp(NatBed.CLIENT_V6, 4000, NatBed.VIP_V6, 53).bytes());
    assertEquals(NatOutcome.WRONG_FAMILY, bed.outcome);
    assertEquals(2, bed.counted(NatCounter.REFUSED));
  }

  @Test
  void shouldRefuseAFamilyWithoutSource() throws Exception {
    NatOptions onlyIpv4 = NatOptions.of(NatBed.sources(NatBed.SOURCE), 1);
    try (NatBed other = new NatBed(onlyIpv4)) {
      other.send(Packet.udp(NatBed.CLIENT, 4000, NatBed.VIP, 53));
      other.toBackend(Packet.udp(NatBed.CLIENT_V6, 4000, NatBed.VIP_V6, 53).bytes());
      assertEquals(NatOutcome.NO_SOURCE, other.outcome);
    }
  }

  @Test
  void shouldTakeRepliesOfTheBackendAlone() {
    Packet there = bed.send(Packet.udp(NatBed.CLIENT, 4000, NatBed.VIP, 53));
    Packet reply = there.reply();
    bed.toClient(reply.between("10.1.0.9", 53, reply.to(), reply.toPort()).bytes());
    assertEquals(NatOutcome.WRONG_SENDER, bed.outcome);
    bed.toClient(reply.between(reply.from(), 54, reply.to(), reply.toPort()).bytes());
    assertEquals(NatOutcome.WRONG_SENDER, bed.outcome);
    assertEquals(2, bed.counted(NatCounter.WRONG_SENDER));
    bed.answer(reply);
  }

  @Test
  void shouldNotTakeRepliesOfNoSession() {
    Packet there = bed.send(Packet.udp(NatBed.CLIENT, 4000, NatBed.VIP, 53));
    Packet reply = there.reply();
    int otherPort = reply.toPort() == 2000 ? 2001 : 2000;
    noSession(reply.between(reply.from(), 53, reply.to(), otherPort));
    noSession(reply.between(reply.from(), 53, reply.to(), 1023));
    noSession(reply.between(reply.from(), 53, "203.0.113.2", reply.toPort()));
    noSession(Packet.tcp(reply.from(), 53, reply.to(), reply.toPort(), Packet.ACK));
    assertEquals(4, bed.counted(NatCounter.NO_SESSION));
  }

  private void noSession(Packet packet) {
    bed.toClient(packet.bytes());
    assertEquals(NatOutcome.NO_SESSION, bed.outcome);
  }

  /** RFC 6864: packets that may become fragments have identifications that do not meet. */
  @Test
  void shouldGiveDatagramsThatMayBeFragmentedNewIdentifications() {
    Packet one = Packet.udp(NatBed.CLIENT, 4000, NatBed.VIP, 53).fragment(7, 0);
    Packet two = Packet.udp("198.51.100.8", 4000, NatBed.VIP, 53).fragment(7, 0);
    int first = bed.send(one).identification();
    int second = bed.send(two).identification();
    assertTrue(first != second, "both are " + first);
    Packet atomic = one.fragment(7, Packet.DONT_FRAGMENT);
    assertEquals(7, bed.send(atomic).identification());
  }
}

package io.synlev.nat;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.datapath.HeldPackets;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Datagrams in fragments, both directions: put together, they are the datagram translated. */
class FragmentsTest {

  private static final int MORE = 0x2000;

  private static byte[] data(int bytes) {
    byte[] data = new byte[bytes];
    for (int i = 0; i < bytes; i++) {
      data[i] = (byte) (i * 7 + i / 256);
    }
    return data;
  }

  /** A datagram in fragments of at most so many bytes, a multiple of 8. */
  private static List<byte[]> fragments(Packet datagram, int identification, int most) {
    byte[] transport = datagram.transport();
    List<byte[]> fragments = new ArrayList<>();
    for (int at = 0; at < transport.length; at += most) {
      int end = Math.min(at + most, transport.length);
      boolean isLast = end == transport.length;
      byte[] part = Arrays.copyOfRange(transport, at, end);
      fragments.add(fragment(datagram, identification, at, isLast, part));
    }
    return fragments;
  }

  private static byte[] fragment(
      Packet datagram, int identification, int at, boolean isLast, byte[] part) {
    if (!datagram.isIpv6()) {
      Packet one = datagram.fragment(identification, (isLast ? 0 : MORE) | at / 8);
      return Packet.join(
          one.header(datagram.from(), datagram.to(), datagram.protocol(), part.length), part);
    }
    ByteBuffer header = ByteBuffer.allocate(8).put((byte) datagram.protocol());
    header.putShort(2, (short) (at | (isLast ? 0 : 1))).putInt(4, identification);
    Packet one = datagram.options(44, header.array());
    return Packet.join(
        one.header(datagram.from(), datagram.to(), datagram.protocol(), part.length), part);
  }

  private static int identification(byte[] fragment) {
    return ByteBuffer.wrap(fragment).getShort(4) & 0xffff;
  }

  private void bothWays(NatBed bed, Packet datagram, int there, int back) {
    List<byte[]> in = fragments(datagram, 0x4711, 64);
    byte[] first = bed.toBackend(there, in.get(0));
    assertEquals(NatOutcome.TRANSLATED, bed.outcome);
    boolean isIpv6 = datagram.isIpv6();
    int port = ByteBuffer.wrap(first).getShort(isIpv6 ? 48 : 20) & 0xffff;
    String source = NatBed.address(first, isIpv6 ? 8 : 12, isIpv6);
    String backend = NatBed.address(first, isIpv6 ? 24 : 16, isIpv6);
    Packet translated = datagram.between(source, port, backend, datagram.toPort());
    int identification = isIpv6 ? 0x4711 : identification(first);
    List<byte[]> out = fragments(translated, identification, 64);
    assertArrayEquals(out.get(0), first);
    for (int i = 1; i < in.size(); i++) {
      assertArrayEquals(out.get(i), bed.toBackend(there, in.get(i)), "fragment " + i);
      assertEquals(bed.hop.mac, bed.translators.get(there).nextHop.mac);
    }

    Packet reply = translated.reply().with(data(300));
    Packet expected = datagram.reply().with(data(300));
    List<byte[]> replies = fragments(reply, 0x815, 128);
    byte[] firstReply = bed.toClient(back, replies.get(0));
    assertEquals(NatOutcome.TRANSLATED, bed.outcome);
    out = fragments(expected, isIpv6 ? 0x815 : identification(firstReply), 128);
    assertArrayEquals(out.get(0), firstReply);
    for (int i = 1; i < replies.size(); i++) {
      assertArrayEquals(out.get(i), bed.toClient(back, replies.get(i)), "fragment " + i);
      assertEquals(NatBed.MAC, bed.translators.get(back).clientMac);
    }
  }

  @Test
  void shouldTranslateFragments() throws Exception {
    try (NatBed bed = NatBed.usual()) {
      bothWays(bed, Packet.udp(NatBed.CLIENT, 40, NatBed.VIP, 53).with(data(333)), 0, 0);
      bothWays(
          bed,
          Packet.udp(NatBed.full(NatBed.CLIENT_V6), 40, NatBed.full(NatBed.VIP_V6), 53)
              .with(data(333)),
          0,
          0);
      Packet tcp = Packet.tcp(NatBed.CLIENT, 40, NatBed.VIP, 80, Packet.ACK);
      bothWays(bed, tcp.with(data(500)), 0, 0);
    }
  }

  @Test
  void shouldTranslateFragmentsOfAnotherWorkersSession() throws Exception {
    try (NatBed bed = new NatBed(NatBed.options(3, 64, 2000, 2031))) {
      Packet datagram = Packet.udp(NatBed.CLIENT, 40, NatBed.VIP, 53);
      bed.send(1, datagram);
      bothWays(bed, datagram.with(data(333)), 0, 2);
      assertEquals(1, bed.tables.sessions());
      assertEquals(2, bed.counted(NatCounter.BORROWED));
    }
  }

  /** RFC 6864: of two clients, one identification to the backend would be one datagram. */
  @Test
  void shouldKeepDatagramsOfTwoClientsApart() throws Exception {
    try (NatBed bed = NatBed.usual()) {
      Packet one = Packet.udp(NatBed.CLIENT, 40, NatBed.VIP, 53).with(data(100));
      Packet two = Packet.udp("198.51.100.8", 40, NatBed.VIP, 53).with(data(100));
      List<byte[]> ones = fragments(one, 5, 64);
      List<byte[]> twos = fragments(two, 5, 64);
      int first = identification(bed.toBackend(ones.get(0)));
      int second = identification(bed.toBackend(twos.get(0)));
      assertNotEquals(first, second);
      assertEquals(second, identification(bed.toBackend(twos.get(1))));
      assertEquals(first, identification(bed.toBackend(ones.get(1))));
      assertEquals(first, identification(bed.toBackend(ones.get(0))), "a duplicate");
    }
  }

  /** An identification comes again when all of a worker's others were used, no other worker's. */
  @Test
  void shouldUseIdentificationsAgainAsLateAsCanBe() throws Exception {
    try (NatBed bed = new NatBed(NatBed.options(2, 64, 2000, 2031))) {
      Set<Integer> used = new HashSet<>();
      for (int i = 0; i < 1 << 15; i++) {
        for (int worker = 0; worker < 2; worker++) {
          Packet datagram = Packet.udp(NatBed.CLIENT, 40 + worker, NatBed.VIP, 53).fragment(5, 0);
          byte[] out = bed.toBackend(worker, datagram.bytes());
          assertTrue(used.add(identification(out)), "identification " + i);
        }
      }
      assertEquals(1 << 16, used.size());
    }
  }

  @Test
  void shouldSayThatAFragmentIsTooEarly() throws Exception {
    try (NatBed bed = NatBed.usual()) {
      Packet datagram = Packet.udp(NatBed.CLIENT, 40, NatBed.VIP, 53).with(data(100));
      List<byte[]> in = fragments(datagram, 5, 64);
      bed.toBackend(in.get(1));
      assertEquals(NatOutcome.FRAGMENT_EARLY, bed.outcome);
      assertEquals(1, bed.counted(NatCounter.FRAGMENT_EARLY));
      bed.toBackend(in.get(0));
      bed.toBackend(in.get(1));
      assertEquals(NatOutcome.TRANSLATED, bed.outcome);
      bed.now += 2 * NatBed.SECOND;
      bed.toBackend(in.get(1));
      assertEquals(NatOutcome.FRAGMENT_EARLY, bed.outcome, "remembered for a second here");
    }
  }

  /** RFC 1858: the checksum would be in another fragment. */
  @Test
  void shouldRefuseAFirstFragmentWithoutItsChecksum() throws Exception {
    try (NatBed bed = NatBed.usual()) {
      Packet tcp = Packet.tcp(NatBed.CLIENT, 40, NatBed.VIP, 80, Packet.SYN).with(data(100));
      for (int bytes : new int[] {8, 16}) {
        bed.toBackend(fragments(tcp, 5, bytes).get(0));
        assertEquals(NatOutcome.NOT_TRANSLATABLE, bed.outcome);
      }
      bed.toBackend(fragments(tcp, 5, 24).get(0));
      assertEquals(NatOutcome.TRANSLATED, bed.outcome);
    }
  }

  @Test
  void shouldHoldWhatIsTooEarly() throws Exception {
    Holder holder = new Holder();
    try (NatBed bed = new NatBed(NatBed.options(1, 64, 2000, 2031), holder)) {
      Packet there = bed.send(Packet.udp(NatBed.CLIENT, 40, NatBed.VIP, 53));
      List<byte[]> in = fragments(there.reply().with(data(200)), 5, 64);
      bed.toClient(in.get(2));
      assertEquals(NatOutcome.HELD, bed.outcome);
      bed.toClient(in.get(1));
      assertEquals(NatOutcome.HELD, bed.outcome);
      assertEquals(List.of(), holder.released);
      bed.toClient(in.get(0));
      assertEquals(NatOutcome.TRANSLATED, bed.outcome);
      assertEquals(List.of(0, 1), holder.released);
      bed.toClient(in.get(2));
      assertEquals(NatOutcome.TRANSLATED, bed.outcome);

      bed.toClient(fragments(there.reply().with(data(200)), 6, 64).get(2));
      bed.now += 2 * NatBed.SECOND;
      bed.translator().sweep(bed.now);
      assertEquals(List.of(2), holder.discarded);
      assertEquals(0, bed.counted(NatCounter.FRAGMENT_EARLY));
    }
  }

  /** Whoever holds packets knows replies only; clients' fragments wait before they are decided. */
  @Test
  void shouldHoldNoFragmentOfAClient() throws Exception {
    Holder holder = new Holder();
    try (NatBed bed = new NatBed(NatBed.options(1, 64, 2000, 2031), holder)) {
      bed.toBackend(
          fragments(Packet.udp(NatBed.CLIENT, 40, NatBed.VIP, 53).with(data(200)), 5, 64).get(1));
      assertEquals(NatOutcome.FRAGMENT_EARLY, bed.outcome);
      assertEquals(0, holder.next);
      assertEquals(1, bed.counted(NatCounter.FRAGMENT_EARLY));
    }
  }

  /** Notes what it is told. */
  private static final class Holder implements HeldPackets {
    private final List<Integer> released = new ArrayList<>();
    private final List<Integer> discarded = new ArrayList<>();
    private int next;

    @Override
    public int hold(long address, int length) {
      return next++;
    }

    @Override
    public boolean release(int handle) {
      return released.add(handle);
    }

    @Override
    public void discard(int handle) {
      discarded.add(handle);
    }

    @Override
    public boolean isReturned(int index) {
      return false;
    }
  }
}

package io.synlev.fastpath;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.nat.NatCounter;
import io.synlev.state.AdminState;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Translated packets through a worker, both ways, against {@link NatModel}, byte by byte. */
class NatForwardingTest {

  private static final String CLIENT = "203.0.113.7";
  private static final String CLIENT6 = "2001:db8:7::7";
  private static final long CLIENT_STATION = 0x02aa_aaaa_aa01L;

  @TempDir Path directory;

  private static void same(byte[] wanted, byte[] found) {
    HexFormat hex = HexFormat.ofDelimiter(" ");
    assertEquals(hex.formatHex(wanted), hex.formatHex(found));
  }

  private static byte[] only(List<byte[]> frames) {
    assertEquals(1, frames.size(), "frames");
    return frames.getFirst();
  }

  private static Frame toVip(boolean isIpv4) {
    return Frame.of(isIpv4 ? CLIENT : CLIENT6, isIpv4 ? NatBed.VIP : NatBed.VIP6);
  }

  /** Sends it; what a backend gets must be what the model says of the port that was chosen. */
  private static NatModel forwarded(NatBed bed, byte[] frame) throws Exception {
    return forwarded(bed, frame, frame.length);
  }

  /** The same in buffers of so many bytes each. */
  private static NatModel forwarded(NatBed bed, byte[] frame, int each) throws Exception {
    bed.clients.arrive(0, frame, each);
    bed.run();
    byte[] found = only(bed.backends.sent(0));
    NatModel seen = new NatModel(found);
    int backend = (int) (seen.station() - NatBed.FIRST_BACKEND_MAC);
    boolean isIpv4 = seen.destinationAddress().indexOf(':') < 0;
    byte[] wanted =
        new NatModel(frame)
            .stations(NatBed.FIRST_BACKEND_MAC + backend, bed.backends.queues(0).mac())
            .from(isIpv4 ? NatBed.SOURCE : NatBed.SOURCE6, seen.sourcePort())
            .to((isIpv4 ? "10.1.0.1" : "2001:db8:f::1") + backend, 0)
            .older()
            .bytes();
    same(wanted, found);
    int port = seen.sourcePort() - NatBed.FIRST_PORT;
    assertTrue(port >= 0 && port < NatBed.PORTS, "port " + seen.sourcePort());
    return seen;
  }

  /** What the backend that has got a packet answers. */
  private static byte[] reply(NatModel seen, Frame frame) {
    NatModel answer = new NatModel(frame.ports(seen.destinationPort(), seen.sourcePort()).bytes());
    return NatModel.sealed(answer.stations(0x02cc_0000_0002L, seen.station()).bytes());
  }

  private static Frame fromBackend(NatModel seen) {
    return Frame.of(seen.destinationAddress(), seen.sourceAddress());
  }

  private static byte[] atClient(byte[] reply, boolean isIpv4, int clientPort) {
    return new NatModel(reply)
        .stations(CLIENT_STATION, NatBed.CLIENTS_MAC)
        .from(isIpv4 ? NatBed.VIP : NatBed.VIP6, 80)
        .to(isIpv4 ? CLIENT : CLIENT6, clientPort)
        .older()
        .bytes();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void shouldTranslateBothWays(boolean hasTwoArms) throws Exception {
    try (NatBed bed = new NatBed(directory, 1, hasTwoArms)) {
      int port = 30000;
      for (boolean isIpv4 : new boolean[] {true, false}) {
        for (int kind = 0; kind < 6; kind++) {
          Frame frame = toVip(isIpv4).ports(++port, 80).payload(100 + kind);
          byte[] sent = dressed(frame, kind);
          NatModel seen = forwarded(bed, sent);
          byte[] reply = reply(seen, answering(fromBackend(seen), kind));
          bed.backends.arrive(0, reply);
          bed.run();
          same(atClient(reply, isIpv4, port), only(bed.clients.sent(0)));
        }
      }
      assertEquals(12, bed.counted(NatCounter.OPENED));
      assertEquals(12, bed.counted(FastPathCounter.SENT));
      assertEquals(12, bed.counted(FastPathCounter.NAT_REPLIES));
    }
  }

  /** TCP, UDP, with a tag, with a short payload, with many hops, with DSCP and ECN. */
  private static byte[] dressed(Frame frame, int kind) {
    Frame special =
        switch (kind) {
          case 0 -> frame;
          case 1 -> frame.udp();
          case 2 -> frame.vlan(0x6042);
          case 3 -> frame.udp().payload(1);
          case 4 -> frame.ttl(2);
          default -> frame.trafficClass(0xb9);
        };
    return NatModel.sealed(special.bytes());
  }

  private static Frame answering(Frame frame, int kind) {
    Frame same = kind == 1 || kind == 3 ? frame.udp() : frame.tcpFlags(0x12);
    return kind == 2 ? same.vlan(0x6042) : same.payload(7 * kind);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void shouldTranslatePacketsInSeveralBuffers(boolean isIpv4) throws Exception {
    try (NatBed bed = new NatBed(directory, 1, true)) {
      byte[] asked = NatModel.sealed(toVip(isIpv4).udp().ports(5, 80).payload(1400).bytes());
      NatModel seen = forwarded(bed, asked, 500);
      byte[] reply = reply(seen, fromBackend(seen).udp().payload(1200));
      bed.backends.arrive(0, reply, 100);
      bed.run();
      same(atClient(reply, isIpv4, 5), only(bed.clients.sent(0)));
    }
  }

  @Test
  void shouldKeepASessionAndItsPort() throws Exception {
    try (NatBed bed = new NatBed(directory, 1, true)) {
      byte[] syn = NatModel.sealed(toVip(true).ports(30000, 80).bytes());
      byte[] ack = NatModel.sealed(toVip(true).ports(30000, 80).tcpFlags(0x10).bytes());
      NatModel first = forwarded(bed, syn);
      NatModel second = forwarded(bed, ack);
      assertEquals(first.sourcePort(), second.sourcePort());
      assertEquals(first.station(), second.station());
      NatModel other = forwarded(bed, NatModel.sealed(toVip(true).ports(30001, 80).bytes()));
      assertNotEquals(first.sourcePort(), other.sourcePort());
    }
  }

  @Test
  void shouldTakeTheStationThatTheClientsLastPacketCameFrom() throws Exception {
    try (NatBed bed = new NatBed(directory, 1, true)) {
      NatModel seen = forwarded(bed, NatModel.sealed(toVip(true).udp().ports(5, 80).bytes()));
      byte[] other = NatModel.sealed(toVip(true).udp().ports(5, 80).bytes());
      other[11] = 9;
      forwarded(bed, other);
      bed.backends.arrive(0, reply(seen, fromBackend(seen).udp()));
      bed.run();
      assertEquals(CLIENT_STATION + 8, new NatModel(only(bed.clients.sent(0))).station());
    }
  }

  @Test
  void shouldDropWhatNoSessionHasAndWhatOthersSend() throws Exception {
    try (NatBed bed = new NatBed(directory, 1, true)) {
      NatModel seen = forwarded(bed, NatModel.sealed(toVip(true).udp().ports(5, 80).bytes()));
      byte[] stranger =
          NatModel.sealed(
              Frame.of("10.1.0.99", NatBed.SOURCE).udp().ports(80, seen.sourcePort()).bytes());
      byte[] unknown =
          NatModel.sealed(
              Frame.of("10.1.0.10", NatBed.SOURCE)
                  .udp()
                  .ports(80, seen.sourcePort() == 40000 ? 40001 : 40000)
                  .bytes());
      byte[] noPort =
          NatModel.sealed(Frame.of("10.1.0.10", NatBed.SOURCE).udp().ports(80, 99).bytes());
      for (byte[] frame : List.of(stranger, unknown, noPort)) {
        bed.backends.arrive(0, frame);
      }
      bed.run();
      assertEquals(List.of(), bed.clients.sent(0));
      assertEquals(1, bed.counted(NatCounter.WRONG_SENDER));
      assertEquals(1, bed.counted(NatCounter.NO_SESSION));
      assertEquals(1, bed.counted(FastPathCounter.NOT_OURS));
    }
  }

  @Test
  void shouldTellASenderWhatCannotGoOnAsItKnowsIt() throws Exception {
    try (NatBed bed = new NatBed(directory, 1, true)) {
      byte[] old = NatModel.sealed(toVip(true).ports(5, 80).ttl(1).bytes());
      byte[] big = NatModel.sealed(toVip(false).ports(5, 80).payload(1441).bytes());
      bed.clients.arrive(0, old);
      bed.clients.arrive(0, big);
      bed.run();
      assertEquals(List.of(), bed.backends.sent(0));
      List<byte[]> answers = bed.clients.sent(0);
      error(answers.get(0), old, 34, 11, 0);
      error(answers.get(1), big, 54, 2, 1500);
      NatModel seen = forwarded(bed, NatModel.sealed(toVip(true).ports(6, 80).bytes()));
      byte[] oldReply = reply(seen, fromBackend(seen).tcpFlags(0x12).ttl(1));
      byte[] bigReply = reply(seen, fromBackend(seen).tcpFlags(0x10).payload(1461));
      bed.backends.arrive(0, oldReply);
      bed.backends.arrive(0, bigReply);
      bed.run();
      assertEquals(List.of(), bed.clients.sent(0));
      answers = bed.backends.sent(0);
      error(answers.get(0), oldReply, 34, 11, 0);
      error(answers.get(1), bigReply, 34, 3, 1500);
    }
  }

  /** An ICMP error about a frame's packet, back to the station that sent it. */
  private static void error(byte[] found, byte[] about, int icmp, int type, int parameter) {
    ByteBuffer bytes = ByteBuffer.wrap(found);
    assertEquals(ByteBuffer.wrap(about).getLong(6) >>> 16, bytes.getLong(0) >>> 16, "station");
    assertEquals(type, bytes.get(icmp));
    assertEquals(parameter, bytes.getInt(icmp + 4));
    same(NatModel.packet(about, 60), NatModel.packet(found, icmp - 14 + 8, 60));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void shouldTranslateErrorsAndWhatTheyQuote(boolean isIpv4) throws Exception {
    try (NatBed bed = new NatBed(directory, 1, true)) {
      byte[] asked = NatModel.sealed(toVip(isIpv4).udp().ports(5353, 80).payload(40).bytes());
      NatModel seen = forwarded(bed, asked);
      byte[] atBackend = asked(bed, asked);
      byte[] error =
          unreachable(
              atBackend, seen.destinationAddress(), seen.sourceAddress(), 0x02cc_0000_0002L);
      bed.backends.arrive(0, error);
      bed.run();
      // RFC 5508, 4.2 and RFC 7915-like: the quote is what the client sent, but for its hops.
      byte[] quoted = new NatModel(asked).older().bytes();
      byte[] wanted =
          new NatModel(error)
              .stations(CLIENT_STATION, NatBed.CLIENTS_MAC)
              .from(isIpv4 ? NatBed.VIP : NatBed.VIP6, 0)
              .to(isIpv4 ? CLIENT : CLIENT6, 0)
              .quoting(NatModel.packet(quoted, 1000))
              .older()
              .bytes();
      same(wanted, only(bed.clients.sent(0)));
    }
  }

  /** What the backend gets, once more. */
  private static byte[] asked(NatBed bed, byte[] frame) throws Exception {
    bed.clients.arrive(0, frame);
    bed.run();
    return only(bed.backends.sent(0));
  }

  /** Nobody listens there: RFC 792, type 3, code 3; RFC 4443, type 1, code 4. */
  private static byte[] unreachable(byte[] about, String from, String to, long station) {
    byte[] quoted = NatModel.packet(about, 1000);
    byte[] frame = Frame.of(from, to).echo().payload(quoted.length).bytes();
    boolean isIpv4 = frame[14] >> 4 == 4;
    ByteBuffer bytes = ByteBuffer.wrap(frame);
    int icmp = isIpv4 ? 34 : 54;
    bytes.putShort(icmp, (short) (isIpv4 ? 0x0303 : 0x0104)).putInt(icmp + 4, 0);
    bytes.put(icmp + 8, quoted);
    return new NatModel(frame).stations(station, 0x02bb_0000_0000L).bytes();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void shouldTranslateFragmentsBothWaysInAnyOrder(boolean isIpv4) throws Exception {
    try (NatBed bed = new NatBed(directory, 1, true)) {
      byte[] asked = NatModel.sealed(toVip(isIpv4).udp().ports(5353, 80).payload(200).bytes());
      List<byte[]> pieces = Pieces.of(asked, 104, 77);
      bed.clients.arrive(0, pieces.get(1));
      bed.run();
      bed.clients.arrive(0, pieces.get(0));
      bed.run();
      List<byte[]> got = bed.backends.sent(0);
      assertEquals(2, got.size(), "fragments at the backend");
      byte[] whole = Pieces.together(got.get(0), got.get(1));
      NatModel seen = new NatModel(whole);
      int backend = (int) (seen.station() - NatBed.FIRST_BACKEND_MAC);
      same(
          new NatModel(asked)
              .stations(seen.station(), NatBed.BACKENDS_MAC)
              .from(isIpv4 ? NatBed.SOURCE : NatBed.SOURCE6, seen.sourcePort())
              .to((isIpv4 ? "10.1.0.1" : "2001:db8:f::1") + backend, 0)
              .older()
              .bytes(),
          whole);
      byte[] reply = reply(seen, fromBackend(seen).udp().payload(300));
      List<byte[]> back = Pieces.of(reply, 160, 4711);
      bed.backends.arrive(0, back.get(1));
      bed.run();
      assertEquals(List.of(), bed.clients.sent(0), "the later one waits");
      bed.backends.arrive(0, back.get(0));
      bed.run();
      got = bed.clients.sent(0);
      assertEquals(2, got.size(), "fragments at the client");
      same(atClient(reply, isIpv4, 5353), Pieces.together(got.get(0), got.get(1)));
      assertEquals(2, bed.counted(FastPathCounter.HELD));
    }
  }

  @Test
  void shouldFreeFragmentsThatWaitInVain() throws Exception {
    try (NatBed bed = new NatBed(directory, 1, true)) {
      for (int i = 0; i < 40; i++) {
        byte[] frame =
            NatModel.sealed(
                Frame.of("10.1.0.10", NatBed.SOURCE).udp().ports(80, 40000).payload(200).bytes());
        bed.backends.arrive(0, Pieces.of(frame, 104, i).get(1));
      }
      bed.run();
      assertEquals(40, bed.counted(FastPathCounter.HELD));
    }
  }

  @Test
  void shouldAnswerForItsAddressesAndAnnounceThem() throws Exception {
    try (NatBed bed = new NatBed(directory, 1, true)) {
      String mac = "02cc00000002";
      Set<String> announced = new HashSet<>();
      HexFormat hex = HexFormat.of();
      bed.announced.forEach(frame -> announced.add(hex.formatHex(frame)));
      assertTrue(
          announced.contains(
              hex.formatHex(
                  Talk.arp(Talk.ALL, mac, 1, mac, NatBed.SOURCE, Talk.NOBODY, NatBed.SOURCE))),
          "RFC 5227, 3: an announcement is a request for one's own address");
      assertTrue(
          announced.contains(
              hex.formatHex(
                  Talk.discovery(
                      "333300000001",
                      mac,
                      NatBed.SOURCE6,
                      "ff02::1",
                      136,
                      0x2000_0000,
                      NatBed.SOURCE6,
                      Talk.option(2, mac)))),
          "RFC 4861, 7.2.6: unsolicited, to all nodes, overriding");
      assertEquals(4, announced.size(), "own addresses and sources, no VIP");
      bed.backends.arrive(0, Talk.whoHas("02bb00000000", "10.1.0.10", NatBed.SOURCE));
      bed.run();
      same(Talk.isAt("02bb00000000", "10.1.0.10", mac, NatBed.SOURCE), only(bed.backends.sent(0)));
      bed.backends.arrive(0, Talk.whoHas6("02bb00000000", "2001:db8:f::10", NatBed.SOURCE6));
      bed.run();
      same(
          Talk.isAt6("02bb00000000", "2001:db8:f::10", mac, NatBed.SOURCE6),
          only(bed.backends.sent(0)));
      for (String address : List.of(NatBed.VIP, NatBed.SOURCE)) {
        bed.clients.arrive(0, Talk.echo("02cc00000001", "02aaaaaaaa01", CLIENT, address, 8, 9, 40));
        bed.run();
        same(
            Talk.echo("02aaaaaaaa01", "02cc00000001", address, CLIENT, 0, 64, 40),
            only(bed.clients.sent(0)));
      }
    }
  }

  @Test
  void shouldCountPacketsThatGetNoPort() throws Exception {
    try (NatBed bed = new NatBed(directory, 1, true)) {
      Set<Integer> ports = new HashSet<>();
      for (int i = 0; i < NatBed.PORTS; i++) {
        byte[] frame = NatModel.sealed(toVip(true).udp().ports(1000 + i, 80).bytes());
        NatModel seen = forwarded(bed, frame);
        ports.add(seen.sourcePort());
        bed.backends.arrive(0, reply(seen, fromBackend(seen).udp())); // one-packet flows make room
        bed.run();
        only(bed.clients.sent(0));
      }
      assertEquals(NatBed.PORTS, ports.size(), "each its own");
      bed.clients.arrive(0, NatModel.sealed(toVip(true).udp().ports(999, 80).bytes()));
      bed.run();
      assertEquals(List.of(), bed.backends.sent(0));
      assertEquals(1, bed.counted(NatCounter.NO_PORT));
      forwarded(bed, NatModel.sealed(toVip(true).ports(999, 80).bytes())); // TCP has its own ports
      bed.pass(305); // 300 s, and a session is noted every 4 s
      forwarded(bed, NatModel.sealed(toVip(true).udp().ports(999, 80).bytes()));
    }
  }

  @Test
  void shouldKeepConnectionsOfDrainingBackendsAndEndThoseOfRemovedOnes() throws Exception {
    try (NatBed bed = new NatBed(directory, 1, true)) {
      List<NatModel> seen = new ArrayList<>();
      for (int i = 0; i < 30; i++) {
        seen.add(forwarded(bed, NatModel.sealed(toVip(true).udp().ports(1000 + i, 80).bytes())));
      }
      bed.instance.updatePool(
          "web",
          backends ->
              backends.stream()
                  .map(b -> b.name().equals("b0") ? b : b.with(AdminState.DRAINING))
                  .toList());
      for (int i = 0; i < 30; i++) {
        NatModel again =
            forwarded(bed, NatModel.sealed(toVip(true).udp().ports(1000 + i, 80).bytes()));
        assertEquals(seen.get(i).station(), again.station());
        assertEquals(seen.get(i).sourcePort(), again.sourcePort());
      }
      bed.instance.updatePool(
          "web", backends -> backends.stream().filter(b -> b.name().equals("b0")).toList());
      for (int removed = 1; removed < NatBed.BACKENDS; removed++) {
        bed.sessions
            .tables()
            .forget(NatLane.number(101 + removed, NatBed.backend(removed).ipv4()), bed.now());
      }
      for (int i = 0; i < 30; i++) {
        NatModel last =
            forwarded(bed, NatModel.sealed(toVip(true).udp().ports(1000 + i, 80).bytes()));
        assertEquals(NatBed.FIRST_BACKEND_MAC, last.station(), "the only one that is left");
      }
      assertTrue(bed.counted(NatCounter.FORGOTTEN) > 0);
    }
  }

  @Test
  void shouldGoByTheTableWhenAFlowIsForgotten() throws Exception {
    try (NatBed bed = new NatBed(directory, 1, true)) {
      byte[] frame = NatModel.sealed(toVip(true).udp().ports(1000, 80).bytes());
      NatModel seen = forwarded(bed, frame);
      String name = "b" + (seen.station() - NatBed.FIRST_BACKEND_MAC);
      bed.instance.updatePool(
          "web",
          backends ->
              backends.stream()
                  .map(b -> b.name().equals(name) ? b.with(AdminState.DRAINING) : b)
                  .toList());
      assertEquals(seen.station(), forwarded(bed, frame).station());
      assertEquals(
          1,
          new ConnectionListing(bed.connections, null, _ -> 1, System::nanoTime).flush(_ -> true));
      NatModel other = forwarded(bed, frame);
      assertNotEquals(seen.station(), other.station());
      bed.backends.arrive(0, reply(seen, fromBackend(seen).udp()));
      bed.backends.arrive(0, reply(other, fromBackend(other).udp()));
      bed.run();
      assertEquals(1, bed.clients.sent(0).size(), "of the one that has the flow now");
      assertEquals(1, bed.counted(NatCounter.WRONG_SENDER));
    }
  }

  @Test
  void shouldAllocateNothing() throws Exception {
    try (NatBed bed = new NatBed(directory, 1, true)) {
      byte[] asked = NatModel.sealed(toVip(true).udp().ports(5, 80).bytes());
      NatModel seen = forwarded(bed, asked);
      byte[] reply = reply(seen, fromBackend(seen).udp());
      int windows = 0;
      long allocated;
      do {
        allocated = bed.allocated(2000, asked, reply);
        windows++;
      } while (windows < 3 || allocated > 0 && windows < 50);
      // Once the compiler is done; before, the interpreter allocates for memory accesses.
      assertEquals(0, allocated, "bytes in the last of " + windows + " windows");
    }
  }

  @Test
  void shouldBringRepliesToTheWorkerThatHasTheSession() throws Exception {
    try (NatBed bed = new NatBed(directory, 2, true)) {
      for (int i = 0; i < 40; i++) {
        int worker = i % 2;
        byte[] asked = NatModel.sealed(toVip(i % 4 < 2).ports(1000 + i, 80).bytes());
        bed.clients.arrive(worker, asked);
        bed.run();
        NatModel seen = new NatModel(only(bed.backends.sent(worker)));
        int part = (seen.sourcePort() - NatBed.FIRST_PORT) / (NatBed.PORTS / 2);
        assertEquals(worker, part, "the workers' ports are apart");
        byte[] reply = reply(seen, fromBackend(seen).tcpFlags(0x12));
        bed.backends.arrive(1 - worker, reply);
        bed.run();
        assertEquals(List.of(), bed.clients.sent(1 - worker));
        same(atClient(reply, i % 4 < 2, 1000 + i), only(bed.clients.sent(worker)));
      }
      assertEquals(40, bed.counted(FastPathCounter.HANDED_OVER));
    }
  }

  @Test
  void shouldFindTheSessionOfFragmentsAndErrorsByWhicheverQueueTheyCome() throws Exception {
    try (NatBed bed = new NatBed(directory, 2, true)) {
      for (int i = 0; i < 32; i++) {
        int worker = i % 2;
        boolean isIpv4 = i % 4 < 2;
        byte[] asked = NatModel.sealed(toVip(isIpv4).udp().ports(1000 + i, 80).bytes());
        bed.clients.arrive(worker, asked);
        bed.run();
        byte[] got = only(bed.backends.sent(worker));
        NatModel seen = new NatModel(got);
        byte[] reply = reply(seen, fromBackend(seen).udp().payload(300));
        List<byte[]> back = Pieces.of(reply, 160, i);
        bed.backends.arrive(i / 4 % 2, back.get(0));
        bed.backends.arrive(1 - i / 4 % 2, back.get(1));
        bed.run();
        List<byte[]> pieces = new ArrayList<>(bed.clients.sent(0));
        pieces.addAll(bed.clients.sent(1));
        assertEquals(2, pieces.size(), "fragments at the client");
        pieces.sort((a, b) -> Integer.compare(b.length, a.length));
        same(atClient(reply, isIpv4, 1000 + i), Pieces.together(pieces.get(0), pieces.get(1)));
        byte[] error =
            unreachable(got, seen.destinationAddress(), seen.sourceAddress(), 0x02cc_0000_0002L);
        bed.backends.arrive(1 - worker, error);
        bed.run();
        assertEquals(1, bed.clients.sent(worker).size(), "the error, translated by its owner");
      }
    }
  }

  @Test
  void shouldSendFragmentsOfAClientFromThePortOfTheirFlow() throws Exception {
    try (NatBed bed = new NatBed(directory, 2, true)) {
      for (int i = 0; i < 32; i++) {
        int worker = i % 2;
        boolean isIpv4 = i % 4 < 2;
        bed.clients.arrive(
            worker, NatModel.sealed(toVip(isIpv4).udp().ports(1000 + i, 80).bytes()));
        bed.run();
        NatModel seen = new NatModel(only(bed.backends.sent(worker)));
        byte[] big = NatModel.sealed(toVip(isIpv4).udp().ports(1000 + i, 80).payload(300).bytes());
        List<byte[]> pieces = Pieces.of(big, 160, i);
        bed.clients.arrive(i / 4 % 2, pieces.get(0));
        bed.clients.arrive(1 - i / 4 % 2, pieces.get(1));
        bed.run();
        List<byte[]> got = new ArrayList<>(bed.backends.sent(0));
        got.addAll(bed.backends.sent(1));
        assertEquals(2, got.size(), "fragments at the backend");
        got.sort((a, b) -> Integer.compare(b.length, a.length));
        byte[] wanted =
            new NatModel(big)
                .stations(seen.station(), NatBed.BACKENDS_MAC)
                .from(seen.sourceAddress(), seen.sourcePort())
                .to(seen.destinationAddress(), 80)
                .older()
                .bytes();
        same(wanted, Pieces.together(got.get(0), got.get(1)));
      }
      assertEquals(32, bed.counted(NatCounter.OPENED));
      assertTrue(bed.counted(NatCounter.BORROWED) > 0, "some came to the other worker");
    }
  }
}

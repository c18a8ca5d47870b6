package io.synlev.fastpath;

import static io.synlev.fastpath.NeighbourBed.MAC;
import static io.synlev.fastpath.NeighbourBed.OPTIONS;
import static io.synlev.fastpath.NeighbourBed.OWN4;
import static io.synlev.fastpath.NeighbourBed.OWN6;
import static io.synlev.fastpath.NeighbourBed.PEER;
import static io.synlev.fastpath.NeighbourBed.same;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * How backends' Ethernet addresses are found, and are not lost or forged: RFC 4861, 7.2 and 7.3.
 */
class ResolverTest {

  private static final String OTHER = "02ee00000008";

  @TempDir Path directory;

  /** A packet of a flow to the pool whose backends are asked for by ARP, or the other one. */
  private static byte[] packet(boolean isIpv6, int port, int payload) {
    return (isIpv6
            ? Frame.of("2001:db8:7::1", "2001:db8:3::1")
            : Frame.of("10.7.0.1", "198.51.100.1"))
        .ports(port, 80)
        .payload(payload)
        .bytes();
  }

  /** The backend that a request asks for. */
  private static String askedFor(byte[] request, int at, int bytes) throws Exception {
    return InetAddress.getByAddress(Arrays.copyOfRange(request, at, at + bytes)).getHostAddress();
  }

  /** Sends the first packet and returns the address that is asked for. */
  private static String backend(NeighbourBed bed) throws Exception {
    List<byte[]> asked = bed.say(packet(false, 1000, 10));
    String backend = askedFor(asked.getFirst(), 38, 4);
    same(asked, Talk.whoHas(MAC, OWN4, backend));
    return backend;
  }

  private static String to(byte[] frame) {
    return java.util.HexFormat.of().formatHex(frame, 0, 6);
  }

  /** Sends a packet of the same flow; where it goes, or null if nowhere. */
  private static String way(NeighbourBed bed) {
    List<byte[]> sent =
        bed.say(packet(false, 1000, 20)).stream()
            .filter(frame -> frame[12] == 8 && frame[13] == 0)
            .toList();
    return sent.isEmpty() ? null : to(sent.getFirst());
  }

  @Test
  void shouldAskByArpAndKeepThePacketUntilTheAnswer() throws Exception {
    try (NeighbourBed bed = new NeighbourBed(directory, OPTIONS, false)) {
      String backend = backend(bed);
      List<byte[]> sent = bed.say(Talk.isAt(MAC, OWN4, PEER, backend));
      assertEquals(1, sent.size());
      assertEquals(PEER, to(sent.getFirst()));
      assertArrayEquals(
          Talk.bytes(backend), Arrays.copyOfRange(sent.getFirst(), 30, 34), "the outer header");
      assertEquals(PEER, way(bed));
      assertEquals(1, bed.counted(FastPathCounter.NEIGHBOUR_LEARNED));
      assertEquals(1, bed.counted(FastPathCounter.WAITED));
      assertEquals(1, bed.counted(FastPathCounter.NEIGHBOUR_ASKED));
    }
  }

  @Test
  void shouldAskByNeighbourDiscovery() throws Exception {
    try (NeighbourBed bed = new NeighbourBed(directory, OPTIONS, false)) {
      List<byte[]> asked = bed.say(packet(true, 1000, 10));
      String backend = askedFor(asked.getFirst(), 62, 16);
      same(asked, Talk.whoHas6(MAC, OWN6, backend));
      List<byte[]> sent = bed.say(Talk.isAt6(MAC, OWN6, PEER, backend));
      assertEquals(1, sent.size());
      assertEquals(PEER, to(sent.getFirst()));
      assertEquals(1, bed.counted(FastPathCounter.NEIGHBOUR_LEARNED));
    }
  }

  @Test
  void shouldKeepTheLatestPacketOnly() throws Exception {
    try (NeighbourBed bed = new NeighbourBed(directory, OPTIONS, false)) {
      String backend = backend(bed);
      same(bed.say(packet(false, 1000, 30), packet(false, 1000, 40)));
      List<byte[]> sent = bed.say(Talk.isAt(MAC, OWN4, PEER, backend));
      assertEquals(1, sent.size());
      assertEquals(14 + 20 + 20 + 20 + 40, sent.getFirst().length);
      assertEquals(2, bed.counted(FastPathCounter.NO_NEXT_HOP), "those that made room");
    }
  }

  @Test
  void shouldLearnNothingThatItDidNotAskFor() throws Exception {
    try (NeighbourBed bed = new NeighbourBed(directory, OPTIONS, false)) {
      for (int i = 10; i < 19; i++) {
        same(bed.say(Talk.isAt(MAC, OWN4, OTHER, "10.1.0." + i)));
        same(bed.say(Talk.isAt6(MAC, OWN6, OTHER, "2001:db8:f::" + i)));
        same(bed.say(Talk.whoHas(OTHER, "10.1.0." + i, "10.1.0." + i)));
      }
      assertEquals(18, bed.counted(FastPathCounter.NEIGHBOUR_UNSOLICITED));
      String backend = backend(bed);
      // An answer to all, one to another station, and one that names another address of ours.
      same(bed.say(Talk.arp(Talk.ALL, OTHER, 2, OTHER, backend, MAC, OWN4)));
      same(bed.say(Talk.arp(OTHER, OTHER, 2, OTHER, backend, MAC, OWN4)));
      same(bed.say(Talk.arp(MAC, OTHER, 2, OTHER, backend, MAC, "10.1.0.9")));
      assertEquals(0, bed.counted(FastPathCounter.NEIGHBOUR_LEARNED));
      assertEquals(1, bed.say(Talk.isAt(MAC, OWN4, PEER, backend)).size());
      assertEquals(PEER, way(bed));
    }
  }

  @Test
  void shouldAskThreeTimesAndThenOnlyWhenWanted() throws Exception {
    try (NeighbourBed bed = new NeighbourBed(directory, OPTIONS, false)) {
      String backend = backend(bed);
      byte[] request = Talk.whoHas(MAC, OWN4, backend);
      same(bed.after(0.9));
      same(bed.after(0.3), request);
      same(bed.after(1.0), request);
      same(bed.after(5));
      assertEquals(1, bed.counted(FastPathCounter.NEIGHBOUR_LOST));
      assertEquals(1, bed.counted(FastPathCounter.NO_NEXT_HOP), "the one that waited");
      assertEquals(null, way(bed));
      same(bed.after(5), request, request, request);
      assertEquals(2, bed.counted(FastPathCounter.NEIGHBOUR_LOST));
      assertEquals(null, way(bed));
      same(bed.after(0.2), request);
      same(bed.say(Talk.isAt(MAC, OWN4, PEER, backend)));
      assertEquals(PEER, way(bed));
    }
  }

  @Test
  void shouldAskAgainWhenItsKnowledgeIsOldAndUsed() throws Exception {
    try (NeighbourBed bed = new NeighbourBed(directory, OPTIONS, false)) {
      String backend = backend(bed);
      assertEquals(1, bed.say(Talk.isAt(MAC, OWN4, PEER, backend)).size());
      same(bed.after(60));
      assertEquals(PEER, way(bed), "stale, but used");
      byte[] unicast = Talk.arp(PEER, MAC, 1, MAC, OWN4, Talk.NOBODY, backend);
      same(bed.after(0.2), unicast);
      same(bed.say(Talk.isAt(MAC, OWN4, PEER, backend)));
      same(bed.after(20));
      assertEquals(PEER, way(bed));
      assertEquals(2, bed.counted(FastPathCounter.NEIGHBOUR_LEARNED));
    }
  }

  @Test
  void shouldFindABackendThatHasMoved() throws Exception {
    try (NeighbourBed bed = new NeighbourBed(directory, OPTIONS, false)) {
      String backend = backend(bed);
      assertEquals(1, bed.say(Talk.isAt(MAC, OWN4, PEER, backend)).size());
      // Its announcement is not believed, but it makes us ask: first where it was, then all.
      same(bed.say(Talk.whoHas(OTHER, backend, backend)));
      assertEquals(PEER, way(bed));
      byte[] unicast = Talk.arp(PEER, MAC, 1, MAC, OWN4, Talk.NOBODY, backend);
      same(bed.after(3), unicast, unicast, unicast);
      same(bed.after(0.3), Talk.whoHas(MAC, OWN4, backend));
      same(bed.say(Talk.isAt(MAC, OWN4, OTHER, backend)));
      assertEquals(OTHER, way(bed));
    }
  }

  @Test
  void shouldAskWhereABackendIsThatAsksForUsFromElsewhere() throws Exception {
    try (NeighbourBed bed = new NeighbourBed(directory, OPTIONS, false)) {
      String backend = backend(bed);
      assertEquals(1, bed.say(Talk.isAt(MAC, OWN4, PEER, backend)).size());
      same(bed.say(Talk.whoHas(OTHER, backend, OWN4)), Talk.isAt(OTHER, backend, MAC, OWN4));
      byte[] unicast = Talk.arp(PEER, MAC, 1, MAC, OWN4, Talk.NOBODY, backend);
      same(bed.after(3), unicast, unicast, unicast);
    }
  }

  @Test
  void shouldAskTheSameByNeighbourDiscovery() throws Exception {
    try (NeighbourBed bed = new NeighbourBed(directory, OPTIONS, false)) {
      String backend = askedFor(bed.say(packet(true, 1000, 10)).getFirst(), 62, 16);
      assertEquals(1, bed.say(Talk.isAt6(MAC, OWN6, PEER, backend)).size());
      same(bed.say(Talk.whoHas6(OTHER, backend, OWN6)), Talk.isAt6(OTHER, backend, MAC, OWN6));
      byte[] unicast =
          Talk.discovery(PEER, MAC, OWN6, backend, 135, 0, backend, Talk.option(1, MAC));
      same(bed.after(3), unicast, unicast, unicast);
    }
  }

  @Test
  void shouldAskForTheRouterOfBackendsElsewhere() throws Exception {
    NeighbourOptions options =
        OPTIONS
            .withOwn(OPTIONS.ownIpv4(), 30, null, 128)
            .withRouters(Inet4Address.ofLiteral("10.1.0.2"), null);
    try (NeighbourBed bed = new NeighbourBed(directory, options, false)) {
      same(bed.say(packet(false, 1000, 10)), Talk.whoHas(MAC, OWN4, "10.1.0.2"));
      assertEquals(1, bed.say(Talk.isAt(MAC, OWN4, PEER, "10.1.0.2")).size());
      assertEquals(PEER, way(bed));
      assertEquals(PEER, to(bed.say(packet(true, 1000, 10)).getFirst()), "a router of both");
    }
  }

  @Test
  void shouldAskOnTheBackendsLinkAndListenThere() throws Exception {
    String second = "02cc00000002";
    try (NeighbourBed bed = new NeighbourBed(directory, OPTIONS, true, true)) {
      same(bed.say(packet(false, 1000, 10)));
      List<byte[]> asked = bed.sayAsBackend();
      String backend = askedFor(asked.getFirst(), 38, 4);
      same(asked, Talk.whoHas(second, OWN4, backend));
      // An answer on the clients' side is another station's.
      same(bed.say(Talk.isAt(second, OWN4, OTHER, backend)));
      byte[] answer = Talk.isAt(second, OWN4, PEER, backend);
      byte[] request = Talk.whoHas(PEER, backend, OWN4);
      byte[] ping = Talk.echo(second, PEER, backend, OWN4, 8, 64, 10);
      byte[] stray = Frame.of(backend, "10.7.0.1").bytes();
      List<byte[]> sent = bed.sayAsBackend(answer, request, ping, stray);
      assertEquals(3, sent.size(), "the reply, the echo, and the packet that waited");
      assertEquals(1, bed.counted(FastPathCounter.NEIGHBOUR_LEARNED));
      assertEquals(1, bed.counted(FastPathCounter.ARP_ANSWERED));
      assertEquals(1, bed.counted(FastPathCounter.ECHO_ANSWERED));
      assertEquals(0, bed.counted(FastPathCounter.PASSED), "that link is not the kernel's");
    }
  }

  @Test
  void shouldForgetWhoIsNotWantedAnyMore() throws Exception {
    try (NeighbourBed bed = new NeighbourBed(directory, OPTIONS.withMost(16), false)) {
      String backend = backend(bed);
      assertEquals(1, bed.say(Talk.isAt(MAC, OWN4, PEER, backend)).size());
      same(bed.after(601));
      assertEquals(backend, backend(bed), "asked for as if it were new");
    }
  }
}

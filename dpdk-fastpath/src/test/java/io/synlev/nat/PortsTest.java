package io.synlev.nat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.datapath.FlowTimeouts;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Which source address and port a session gets, and what happens when there is none. */
class PortsTest {

  private static final int SYN = Packet.SYN;
  private static final int ACK = Packet.ACK;

  private static Packet syn(int port) {
    return Packet.tcp(NatBed.CLIENT, port, NatBed.VIP, 80, SYN);
  }

  private static Packet establish(NatBed bed, Packet syn) {
    Packet there = bed.send(syn);
    bed.answer(there.reply().flags(SYN | ACK));
    bed.send(syn.flags(ACK));
    return there;
  }

  /** Eight ports, 2000 to 2007. */
  private static NatBed few() throws Exception {
    return new NatBed(NatBed.options(1, 64, 2000, 2007));
  }

  @Test
  void shouldGiveEachSessionAPortOfItsOwnUntilThereIsNone() throws Exception {
    try (NatBed bed = few()) {
      Set<Integer> ports = new TreeSet<>();
      for (int i = 0; i < 8; i++) {
        ports.add(establish(bed, syn(4000 + i)).fromPort());
      }
      assertEquals(Set.of(2000, 2001, 2002, 2003, 2004, 2005, 2006, 2007), ports);
      assertEquals(0, bed.tables.freePorts(0, Packet.TCP));
      bed.toBackend(syn(5000).bytes());
      assertEquals(NatOutcome.NO_PORT, bed.outcome);
      assertEquals(1, bed.counted(NatCounter.NO_PORT));
      assertEquals(0, bed.counted(NatCounter.EVICTED));
      for (int i = 0; i < 8; i++) {
        bed.send(syn(4000 + i).flags(ACK));
      }
    }
  }

  @Test
  void shouldHaveThePortsOfEachProtocolAndFamilyApart() throws Exception {
    try (NatBed bed = few()) {
      for (int i = 0; i < 8; i++) {
        establish(bed, syn(4000 + i));
        Packet six = Packet.tcp(NatBed.CLIENT_V6, 4000 + i, NatBed.VIP_V6, 80, SYN);
        establish(bed, six);
        bed.send(Packet.udp(NatBed.CLIENT, 4000 + i, NatBed.VIP, 53));
        bed.send(Packet.udp(NatBed.CLIENT_V6, 4000 + i, NatBed.VIP_V6, 53));
      }
      assertEquals(32, bed.tables.sessions());
      assertEquals(0, bed.counted(NatCounter.EVICTED));
    }
  }

  @Test
  void shouldGiveAPortBackLastThatBecameFreeLast() throws Exception {
    try (NatBed bed = few()) {
      List<Integer> first = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        first.add(bed.send(syn(4000 + i)).fromPort());
      }
      bed.now += 200 * NatBed.SECOND;
      bed.translator().sweep(bed.now);
      assertEquals(8, bed.tables.freePorts(0, Packet.TCP));
      List<Integer> next = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        next.add(bed.send(syn(6000 + i)).fromPort());
      }
      assertEquals(first, next.subList(5, 8));
      assertEquals(8, new HashSet<>(next).size());
    }
  }

  @Test
  void shouldNotGiveOutThePortOfAClosedSessionTooEarly() throws Exception {
    try (NatBed bed = few()) {
      List<Packet> sessions = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        sessions.add(establish(bed, syn(4000 + i)));
      }
      bed.send(syn(4003).flags(Packet.FIN | ACK));
      bed.answer(sessions.get(3).reply().flags(Packet.FIN | ACK));
      bed.now += 119 * NatBed.SECOND;
      bed.toBackend(syn(5000).bytes());
      assertEquals(NatOutcome.NO_PORT, bed.outcome);
      bed.now += 10 * NatBed.SECOND;
      assertEquals(sessions.get(3).fromPort(), bed.send(syn(5000)).fromPort());
    }
  }

  @Test
  void shouldLetTheOldestHalfOpenSessionMakeRoom() throws Exception {
    try (NatBed bed = few()) {
      Packet established = establish(bed, syn(4000));
      List<Packet> halfOpen = new ArrayList<>();
      for (int i = 1; i < 8; i++) {
        bed.now += NatBed.SECOND;
        halfOpen.add(bed.send(syn(4000 + i)));
      }
      bed.now += 8 * NatBed.SECOND;
      bed.send(syn(4001)); // repeated: it is the youngest now
      Packet fresh = bed.send(syn(5000));
      assertEquals(halfOpen.get(1).fromPort(), fresh.fromPort());
      assertEquals(1, bed.counted(NatCounter.EVICTED));
      bed.answer(halfOpen.get(0).reply().flags(SYN | ACK));
      bed.answer(established.reply().flags(ACK));
      assertEquals(5000, bed.answer(fresh.reply().flags(SYN | ACK)).toPort());
    }
  }

  @Test
  void shouldStandAFloodOfSyns() throws Exception {
    try (NatBed bed = new NatBed(NatBed.options(1, 128, 1024, 65535))) {
      List<Packet> sessions = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        sessions.add(establish(bed, syn(4000 + i)));
      }
      for (int i = 0; i < 10_000; i++) {
        String forged = "198.18." + i / 250 + "." + i % 250;
        bed.send(Packet.tcp(forged, 1, NatBed.VIP, 80, SYN));
        bed.send(Packet.udp(forged, 1, NatBed.VIP, 53));
      }
      assertEquals(128, bed.tables.sessions());
      assertEquals(20_000 - 28, bed.counted(NatCounter.EVICTED));
      for (int i = 0; i < 100; i++) {
        assertEquals(sessions.get(i).fromPort(), bed.send(syn(4000 + i).flags(ACK)).fromPort());
      }
    }
  }

  @Test
  void shouldRefuseWhenTheTableIsFullOfLiveSessions() throws Exception {
    try (NatBed bed = new NatBed(NatBed.options(1, 64, 1024, 65535))) {
      for (int i = 0; i < 64; i++) {
        establish(bed, syn(4000 + i));
      }
      bed.toBackend(syn(5000).bytes());
      assertEquals(NatOutcome.NO_ROOM, bed.outcome);
      bed.toBackend(Packet.udp(NatBed.CLIENT_V6, 1, NatBed.VIP_V6, 53).bytes());
      assertEquals(NatOutcome.NO_ROOM, bed.outcome);
      assertEquals(2, bed.counted(NatCounter.NO_ROOM));
      bed.now += 8000 * NatBed.SECOND;
      bed.send(Packet.udp(NatBed.CLIENT_V6, 1, NatBed.VIP_V6, 53));
    }
  }

  @Test
  void shouldGiveAClientOneSourceAndTheNextWhenItsPortsAreTaken() throws Exception {
    NatOptions three =
        new NatOptions(
            NatBed.sources("203.0.113.1", "2001:db8:5::1", "203.0.113.2", "203.0.113.3"),
            2000,
            2003,
            1,
            64,
            FlowTimeouts.DEFAULT,
            120);
    try (NatBed bed = new NatBed(three)) {
      List<String> from = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        from.add(establish(bed, syn(4000 + i)).from());
      }
      for (int i = 0; i < 12; i++) {
        assertEquals(from.get(i - i % 4), from.get(i), "four ports each: " + from);
      }
      assertEquals(3, new HashSet<>(from).size());
      assertFalse(from.contains("2001:db8:5::1"));
      bed.toBackend(syn(5000).bytes());
      assertEquals(NatOutcome.NO_PORT, bed.outcome);
      for (int source : List.of(0, 2, 3)) {
        assertEquals(0, bed.tables.freePorts(source, Packet.TCP));
        assertEquals(4, bed.tables.freePorts(source, Packet.UDP));
      }
      assertEquals(4, bed.tables.freePorts(1, Packet.TCP));
    }
  }

  @Test
  void shouldSpreadClientsOverSources() throws Exception {
    NatOptions four =
        NatOptions.of(
            NatBed.sources("203.0.113.1", "203.0.113.2", "203.0.113.3", "203.0.113.4"), 1);
    try (NatBed bed = new NatBed(four)) {
      int[] counts = new int[4];
      for (int i = 0; i < 1000; i++) {
        String client = "198.18." + i / 250 + "." + i % 250;
        String from = bed.send(Packet.udp(client, 4000, NatBed.VIP, 53)).from();
        counts[from.charAt(from.length() - 1) - '1']++;
      }
      for (int count : counts) {
        assertTrue(count > 180 && count < 320, java.util.Arrays.toString(counts));
      }
    }
  }

  /** RFC 6056: whoever sees some ports cannot tell the next one. */
  @Test
  void shouldNotGiveOutPortsInOrder() throws Exception {
    try (NatBed bed = NatBed.usual()) {
      int before = bed.send(syn(4000)).fromPort();
      int steps = 0;
      for (int i = 1; i < 100; i++) {
        int port = bed.send(syn(4000 + i)).fromPort();
        assertNotEquals(before, port);
        steps += Math.abs(port - before) < 10 ? 1 : 0;
        before = port;
      }
      assertTrue(steps < 10, steps + " steps below 10");
    }
  }
}

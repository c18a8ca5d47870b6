package io.synlev.steering;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.synlev.datapath.Action;
import io.synlev.datapath.Decision;
import io.synlev.datapath.Reason;
import io.synlev.packet.Packets;
import io.synlev.state.Prefix;
import io.synlev.steering.trace.Trace;
import io.synlev.steering.trace.TraceFilter;
import io.synlev.steering.trace.TraceFilter.Parts;
import io.synlev.steering.trace.TracedDecider;
import io.synlev.steering.trace.TracedPacket;
import io.synlev.steering.trace.Traces;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What of the decisions a trace shows. */
class TracingTest {
  private static final int ANY = TraceFilter.ANY;
  private static final int PLENTY = 100_000;
  private static final long SECOND = 1_000_000_000;

  /** From 192.0.2.1 port 1000 to 192.0.2.2 port 80 with SYN. */
  private static final byte[] SYN = Packets.ipv4(6, Packets.TCP);

  /** The same with ACK. */
  private static final byte[] ACK = Packets.ipv4(6, Packets.TCP.replace("5002", "5010"));

  /** To port 53. */
  private static final byte[] UDP = Packets.ipv4(17, Packets.UDP);

  private static final byte[] UDP6 = Packets.ipv6(17, Packets.UDP);

  /** Identifier 7 (RFC 792, RFC 4443). */
  private static final byte[] ECHO = Packets.ipv4(1, "0800000000070001");

  private static final byte[] ECHO6 = Packets.ipv6(58, "8000000000070001");
  private static final byte[] BROKEN = {0x45};

  @TempDir Path base;
  private Testbed bed;
  private final Traces traces = new Traces();
  private TracedDecider decider;

  @BeforeEach
  void start() throws Exception {
    bed = new Testbed(base);
    decider = new TracedDecider(bed.steering(SteeringOptions.DEFAULT), traces, bed.views, 0);
  }

  @AfterEach
  void stop() {
    bed.close();
  }

  private Trace trace(Parts parts, int perSecond, int snapLength) {
    Trace trace = new Trace(2, new TraceFilter(parts), perSecond, snapLength, 0);
    traces.start(trace);
    return trace;
  }

  private void decide(byte[] packet, long nowNanos) {
    decide(packet, 1, nowNanos);
  }

  private void decide(byte[] packet, int count, long nowNanos) {
    long[] addresses = new long[count];
    int[] lengths = new int[count];
    Decision[] out = new Decision[count];
    Arrays.fill(addresses, bed.place(packet));
    Arrays.fill(lengths, packet.length);
    Arrays.setAll(out, _ -> new Decision());
    decider.decideBatch(addresses, lengths, count, nowNanos, out);
  }

  private static List<TracedPacket> all(Trace trace) {
    List<TracedPacket> packets = new ArrayList<>();
    for (TracedPacket packet = trace.take(); packet != null; packet = trace.take()) {
      packets.add(packet);
    }
    return packets;
  }

  /** Which of the test's packets fit, as bytes. */
  private void shouldShow(Parts parts, byte[]... expected) {
    Trace trace = trace(parts, PLENTY, Trace.MOST_BYTES);
    for (byte[] packet : List.of(SYN, ACK, UDP, UDP6, ECHO, ECHO6, BROKEN)) {
      decide(packet, 0);
    }
    traces.stop(trace);
    List<TracedPacket> shown = all(trace);
    assertEquals(expected.length, shown.size(), parts::toString);
    for (int i = 0; i < expected.length; i++) {
      assertArrayEquals(expected[i], shown.get(i).bytes(), parts::toString);
    }
  }

  private static Parts headers(
      String vip, String source, int protocol, int port, int sourcePort, int mask, int value) {
    return new Parts(
        null,
        vip == null ? null : Prefix.parse(vip),
        source == null ? null : Prefix.parse(source),
        protocol,
        port,
        sourcePort,
        mask,
        value,
        Set.of(),
        Set.of());
  }

  @Test
  void shouldShowWhatEachPartAsksFor() {
    shouldShow(Parts.ALL, SYN, ACK, UDP, UDP6, ECHO, ECHO6, BROKEN);
    shouldShow(headers("192.0.2.0/24", null, ANY, ANY, ANY, 0, 0), SYN, ACK, UDP, ECHO);
    shouldShow(headers("192.0.2.1", null, ANY, ANY, ANY, 0, 0));
    shouldShow(headers(null, "2001:db8::/32", ANY, ANY, ANY, 0, 0), UDP6, ECHO6);
    shouldShow(headers(null, null, 17, ANY, ANY, 0, 0), UDP, UDP6);
    shouldShow(headers(null, null, 58, ANY, ANY, 0, 0), ECHO6);
    shouldShow(headers(null, null, TraceFilter.ICMP, ANY, ANY, 0, 0), ECHO, ECHO6);
    shouldShow(headers(null, null, ANY, 53, ANY, 0, 0), UDP, UDP6);
    // An echo request has no destination port, not even 0.
    shouldShow(headers(null, null, ANY, 0, ANY, 0, 0));
    shouldShow(headers(null, null, ANY, ANY, 7, 0, 0), ECHO, ECHO6);
    shouldShow(headers(null, null, ANY, ANY, 1000, 0x12, 0x02), SYN);
    shouldShow(headers(null, null, ANY, ANY, ANY, 0x10, 0x10), ACK);
    shouldShow(headers("192.0.2.2", "192.0.2.1", 6, 80, 1000, 0xff, 0x02), SYN);
  }

  @Test
  void shouldShowWhatWasDecided() {
    shouldShow(
        new Parts(
            null, null, null, ANY, ANY, ANY, 0, 0, Set.of(Reason.TRUNCATED_IP_HEADER), Set.of()),
        BROKEN);
    shouldShow(
        new Parts("web", null, null, ANY, ANY, ANY, 0, 0, Set.of(), Set.of()),
        SYN,
        ACK,
        UDP,
        UDP6,
        ECHO,
        ECHO6);
    shouldShow(new Parts("sticky", null, null, ANY, ANY, ANY, 0, 0, Set.of(), Set.of()));
    shouldShow(new Parts("gone", null, null, ANY, ANY, ANY, 0, 0, Set.of(), Set.of()));
    Decision syn = bed.decide(SYN);
    shouldShow(new Parts(null, null, null, 6, 80, ANY, 0, 0, Set.of(), Set.of(syn.mark)), SYN, ACK);
    shouldShow(new Parts(null, null, null, 6, 80, ANY, 0, 0, Set.of(), Set.of(syn.mark + 1000)));
  }

  @Test
  void shouldShowTheDecisionItself() {
    Trace trace = trace(Parts.ALL, PLENTY, 25);
    decide(SYN, 17);
    Decision expected = bed.decide(SYN);
    TracedPacket packet = trace.take();
    assertEquals(0, packet.worker());
    assertEquals(17, packet.nanos());
    assertEquals(SYN.length, packet.length());
    // Three words and one byte.
    assertArrayEquals(Arrays.copyOf(SYN, 25), packet.bytes());
    assertEquals("web", packet.service().name());
    Decision decision = packet.decision();
    assertEquals(Action.MARK, decision.action);
    assertEquals(expected.mark, decision.mark);
    assertEquals(expected.backend, decision.backend);
    assertEquals(expected.hash, decision.hash);
    assertEquals(expected.slot, decision.slot);
    assertEquals(expected.generation, decision.generation);
    assertEquals(expected.reason, decision.reason);
    assertNull(trace.take());
    decide(BROKEN, 18);
    packet = trace.take();
    assertNull(packet.service());
    assertEquals(Action.DROP, packet.decision().action);
    assertEquals(Decision.NO_BACKEND, packet.decision().backend);
  }

  @Test
  void shouldKeepToTheRate() {
    Trace trace = trace(Parts.ALL, 10, 0);
    // A second's worth at once, then one for each tenth of a second.
    decide(SYN, 25, 0);
    assertEquals(10, all(trace).size());
    assertEquals(15, trace.overRate());
    decide(SYN, SECOND / 10 - 1);
    assertEquals(0, all(trace).size());
    decide(SYN, 2, SECOND / 10);
    assertEquals(1, all(trace).size());
    decide(SYN, 100, 10 * SECOND);
    assertEquals(10, all(trace).size());
    assertEquals(15 + 1 + 1 + 90, trace.overRate());
    assertEquals(0, trace.withoutRoom());
  }

  @Test
  void shouldLoseWhatFindsNoRoomAndGoOn() {
    Trace trace = trace(Parts.ALL, Trace.MOST_PER_SECOND, Trace.MOST_BYTES);
    long sent = 0;
    long shown = 0;
    // Lengths that never divide the ring evenly, so that records wrap at every place.
    for (int round = 0; round < 50; round++) {
      for (int i = 0; i < 40; i++) {
        decide(SYN, 256, sent);
        sent += 256;
        if (round % 2 == 0) {
          decide(UDP, 101, sent);
          sent += 101;
        }
      }
      for (TracedPacket packet : all(trace)) {
        byte[] expected = packet.decision().reason == Reason.FORWARDED_TCP ? SYN : UDP;
        assertArrayEquals(expected, packet.bytes());
        shown++;
      }
    }
    assertEquals(sent, shown + trace.withoutRoom() + trace.overRate());
    assertEquals(true, trace.withoutRoom() > 0);
    assertNull(trace.take());
    decide(SYN, 100 * SECOND);
    assertNotNull(trace.take());
  }

  @Test
  void shouldFollowServicesIntoTheNextView() throws Exception {
    Trace trace =
        trace(
            new Parts("sticky", null, null, ANY, ANY, ANY, 0, 0, Set.of(), Set.of()),
            PLENTY,
            Trace.MOST_BYTES);
    decide(SYN, 0);
    assertNull(trace.take());
    // Its index becomes another one, and it gets the packet.
    bed.instance.updateServices(
        services -> List.of(Testbed.service("sticky", "sticky", "192.0.2.2/32")));
    bed.views.swap(View.compile(bed.instance, 2));
    decide(SYN, 0);
    assertEquals("sticky", trace.take().service().name());
  }

  @Test
  void shouldEndWhenItIsStopped() {
    Trace first = trace(Parts.ALL, PLENTY, 0);
    Trace second = trace(Parts.ALL, PLENTY, 0);
    decide(SYN, 0);
    traces.stop(first);
    decide(SYN, 0);
    assertEquals(1, all(first).size());
    assertEquals(2, all(second).size());
    traces.stop(second);
    traces.stop(second);
    decide(SYN, 0);
    assertEquals(0, all(second).size());
  }

  @Test
  void shouldRefuseTooManyAndWhatIsOutOfRange() {
    for (int i = 0; i < Traces.MOST; i++) {
      trace(Parts.ALL, 1, 0);
    }
    assertThrows(IllegalStateException.class, () -> trace(Parts.ALL, 1, 0));
    TraceFilter filter = new TraceFilter(Parts.ALL);
    assertThrows(IllegalArgumentException.class, () -> new Trace(1, filter, 0, 0, 0));
    assertThrows(IllegalArgumentException.class, () -> new Trace(1, filter, 1_000_001, 0, 0));
    assertThrows(IllegalArgumentException.class, () -> new Trace(1, filter, 1, 65_536, 0));
  }
}

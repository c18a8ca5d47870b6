package io.synlev.nat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * How long sessions live. Times are those of RFC 5382, REQ-5 (established: 2 h 4 min at least; here
 * 7500 s), RFC 4787, REQ-5 (UDP: 5 min recommended), and of the table's documentation.
 */
class SessionLifeTest {

  private static final int SYN = Packet.SYN;
  private static final int ACK = Packet.ACK;
  private static final int FIN = Packet.FIN | Packet.ACK;
  private static final int RST = Packet.RST;

  private NatBed bed;
  private Packet syn;

  /** What the backend gets. */
  private Packet there;

  @BeforeEach
  void open() throws Exception {
    bed = NatBed.usual();
    syn = Packet.tcp(NatBed.CLIENT, 4000, NatBed.VIP, 80, SYN);
    there = bed.send(syn);
  }

  @AfterEach
  void close() {
    bed.close();
  }

  private void client(int flags) {
    assertEquals(there.fromPort(), bed.send(syn.flags(flags)).fromPort(), "the source port");
  }

  private void backend(int flags) {
    bed.answer(there.reply().flags(flags));
  }

  private void establish() {
    backend(SYN | ACK);
    client(ACK);
  }

  /** After so many seconds without a packet the session is there; it is not much longer. */
  private void assertLives(int seconds) {
    long before = bed.now;
    bed.now += seconds * NatBed.SECOND;
    bed.translator().sweep(bed.now);
    assertEquals(1, bed.tables.sessions(), "after " + seconds + " s");
    bed.now += seconds * NatBed.SECOND / 16 + NatBed.SECOND / 100;
    bed.translator().sweep(bed.now);
    assertEquals(0, bed.tables.sessions(), "after a sixteenth more");
    assertEquals(1, bed.counted(NatCounter.EXPIRED));
    bed.toClient(there.reply().flags(ACK).bytes());
    assertEquals(NatOutcome.NO_SESSION, bed.outcome);
    assertTrue(bed.now > before);
  }

  @Test
  void shouldForgetAHalfOpenSession() {
    assertLives(120);
  }

  @Test
  void shouldForgetASessionWhoseClientDoesNotGoOn() {
    backend(SYN | ACK);
    client(SYN);
    assertLives(120);
  }

  @Test
  void shouldKeepAnEstablishedSession() {
    establish();
    assertLives(7500);
  }

  @Test
  void shouldForgetASessionThatOneSideHasClosed() {
    establish();
    client(FIN);
    backend(ACK);
    assertLives(240);
  }

  @Test
  void shouldForgetAClosedSession() {
    establish();
    backend(FIN);
    client(ACK);
    client(FIN);
    backend(ACK);
    assertLives(120);
  }

  @Test
  void shouldForgetASessionThatWasReset() {
    establish();
    backend(RST);
    assertLives(120);
  }

  /** RFC 6146, section 3.5.2.2, TRANS: who forges a reset does not end the session. */
  @Test
  void shouldKeepASessionThatGoesOnAfterAReset() {
    establish();
    client(RST);
    backend(ACK);
    assertLives(7500);
  }

  /** Times are counted modulo 2^32 ticks of 2^20 ns; nanoTime may begin anywhere. */
  @ParameterizedTest
  @ValueSource(longs = {0, 1L << 51, 1L << 52, -1L << 51, -1L << 52})
  void shouldCountTimeAcrossItsTurns(long turn) throws Exception {
    try (NatBed other = NatBed.usual()) {
      other.now = turn - 100 * NatBed.SECOND;
      other.translator().sweep(other.now);
      Packet packet = Packet.udp(NatBed.CLIENT, 4000, NatBed.VIP, 53);
      Packet first = other.send(packet);
      other.tables.forget(NatBed.NUMBER + 1, other.now);
      for (int i = 0; i < 3; i++) {
        other.now += 70 * NatBed.SECOND;
        other.answer(first.reply());
        other.translator().sweep(other.now);
        assertEquals(first.fromPort(), other.send(packet).fromPort());
      }
      other.now += 290 * NatBed.SECOND;
      other.translator().sweep(other.now);
      assertEquals(1, other.tables.sessions());
      other.now += 20 * NatBed.SECOND;
      other.translator().sweep(other.now);
      assertEquals(0, other.tables.sessions());
    }
  }

  @Test
  void shouldForgetUdp() throws Exception {
    try (NatBed other = NatBed.usual()) {
      Packet packet = Packet.udp(NatBed.CLIENT_V6, 4000, NatBed.VIP_V6, 53);
      Packet first = other.send(packet);
      other.now += 299 * NatBed.SECOND;
      other.answer(first.reply());
      other.now += 299 * NatBed.SECOND;
      other.send(packet);
      other.now += 299 * NatBed.SECOND;
      other.translator().sweep(other.now);
      assertEquals(1, other.tables.sessions());
      other.now += 21 * NatBed.SECOND;
      other.translator().sweep(other.now);
      assertEquals(0, other.tables.sessions());
    }
  }

  @Test
  void shouldNotAnswerByASessionThatIsOverBeforeItIsSwept() {
    establish();
    bed.now += 8000 * NatBed.SECOND;
    bed.toClient(there.reply().flags(ACK).bytes());
    assertEquals(NatOutcome.NO_SESSION, bed.outcome);
    Packet anew = bed.send(syn);
    assertNotEquals(there.fromPort(), anew.fromPort());
  }

  /** While the table has no packets at all, too: a bounded number each time. */
  @Test
  void shouldSweepABoundedNumberAtOnce() {
    for (int i = 0; i < 299; i++) {
      bed.send(Packet.tcp(NatBed.CLIENT, 5000 + i, NatBed.VIP, 80, SYN));
    }
    assertEquals(300, bed.tables.sessions());
    bed.now += 200 * NatBed.SECOND;
    for (int left : List.of(236, 172, 108, 44, 0)) {
      bed.translator().sweep(bed.now);
      assertEquals(left, bed.tables.sessions());
    }
  }

  @Test
  void shouldBeginAClosedSessionAnewWithTheSamePort() {
    establish();
    client(FIN);
    backend(FIN);
    bed.decide("10.1.0.2", null);
    bed.number = 78;
    bed.now += 100 * NatBed.SECOND;
    Packet anew = bed.send(syn);
    assertEquals(there.fromPort(), anew.fromPort());
    assertEquals("10.1.0.2", anew.to(), "the backend that was decided now");
    assertEquals(1, bed.counted(NatCounter.REOPENED));
    assertEquals(1, bed.tables.sessions());
    bed.toClient(there.reply().flags(ACK).bytes());
    assertEquals(NatOutcome.WRONG_SENDER, bed.outcome);
    bed.answer(anew.reply().flags(SYN | ACK));
    there = anew;
    assertLives(120);
  }

  @Test
  void shouldDecideAnewWhenABackendRefuses() {
    backend(RST | ACK);
    bed.decide("10.1.0.2", null);
    assertEquals("10.1.0.2", bed.send(syn).to());
    assertEquals(1, bed.tables.sessions());
  }

  @Test
  void shouldKeepTheBackendOfALiveSession() {
    establish();
    bed.decide("10.1.0.2", null);
    client(ACK);
    assertEquals(NatBed.BACKEND, bed.send(syn.flags(ACK)).to());
    client(SYN);
    assertEquals(NatBed.BACKEND, bed.send(syn).to());
  }

  /** What knew the flow has forgotten it, and the table says another backend now. */
  @Test
  void shouldBeginAnewWithAnotherBackendIfTheFlowIsNotKnown() {
    establish();
    bed.isFollowed = false;
    client(ACK);
    assertEquals(NatBed.BACKEND, bed.send(syn.flags(ACK)).to());
    bed.decide("10.1.0.2", null);
    bed.number = 78;
    Packet anew = bed.send(syn.flags(ACK));
    assertEquals("10.1.0.2", anew.to());
    assertEquals(there.fromPort(), anew.fromPort());
    bed.toClient(there.reply().flags(ACK).bytes());
    assertEquals(NatOutcome.WRONG_SENDER, bed.outcome);
    there = anew;
    assertLives(120);
  }

  @Test
  void shouldBeginNoSessionByAReset() {
    bed.toBackend(Packet.tcp(NatBed.CLIENT, 4001, NatBed.VIP, 80, RST).bytes());
    assertEquals(NatOutcome.NO_SESSION, bed.outcome);
    assertEquals(1, bed.tables.sessions());
  }

  @Test
  void shouldEndSessionsOfARemovedBackendAtTheirNextPacket() {
    establish();
    bed.tables.forget(NatBed.NUMBER, bed.now);
    bed.toClient(there.reply().flags(ACK).bytes());
    assertEquals(NatOutcome.NO_SESSION, bed.outcome);
    assertEquals(1, bed.counted(NatCounter.FORGOTTEN));
    bed.now += NatBed.SECOND;
    bed.decide("10.1.0.2", null);
    there = bed.send(syn);
    assertEquals("10.1.0.2", there.to());
    backend(SYN | ACK);
    assertEquals(1, bed.tables.sessions());
  }

  @Test
  void shouldEndSessionsOfARemovedBackendWithoutTheirPackets() {
    bed.number = 78;
    for (int i = 0; i < 99; i++) {
      bed.send(Packet.tcp(NatBed.CLIENT, 5000 + i, NatBed.VIP, 80, SYN));
    }
    bed.tables.forget(78, bed.now);
    bed.tables.forget(79, bed.now);
    bed.translator().sweep(bed.now);
    bed.translator().sweep(bed.now);
    assertEquals(1, bed.tables.sessions(), "that of the other backend");
    assertEquals(99, bed.counted(NatCounter.FORGOTTEN));
    establish();
  }
}

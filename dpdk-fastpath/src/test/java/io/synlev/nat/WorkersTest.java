package io.synlev.nat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Three workers: whose ports are whose, and what one reads of another's sessions. */
class WorkersTest {

  private static final int WORKERS = 3;

  private NatBed bed;

  @BeforeEach
  void open() throws Exception {
    bed = new NatBed(NatBed.options(WORKERS, 64, 2000, 2031)); // 10 each, 2 are nobody's
  }

  @AfterEach
  void close() {
    bed.close();
  }

  private static Packet udp(int port) {
    return Packet.udp(NatBed.CLIENT, port, NatBed.VIP, 53);
  }

  @Test
  void shouldHaveDisjointPorts() {
    Set<Integer> all = new TreeSet<>();
    for (int worker = 0; worker < WORKERS; worker++) {
      for (int i = 0; i < 10; i++) {
        Packet there = bed.send(worker, udp(4000 + 100 * worker + i));
        int port = there.fromPort();
        assertTrue(port >= 2000 + 10 * worker && port < 2010 + 10 * worker, "port " + port);
        assertTrue(all.add(port));
        for (int asked = 0; asked < WORKERS; asked++) {
          assertEquals(worker, bed.owner(asked, there.reply().bytes()));
        }
      }
    }
    assertEquals(30, all.size());
    assertEquals(0, bed.tables.freePorts(0, Packet.UDP));
    assertEquals(30, bed.tables.freePorts(0, Packet.TCP));
  }

  @Test
  void shouldSayWhoOwnsNothing() {
    String source = NatBed.SOURCE;
    assertEquals(Translator.NOT_SOURCE, bed.owner(udp(1).bytes()));
    assertEquals(Translator.NOT_SOURCE, bed.owner(new byte[0]));
    assertEquals(Translator.NOT_SOURCE, bed.owner(new byte[19]));
    assertEquals(Translator.NOBODY, bed.owner(Packet.udp("10.1.0.1", 53, source, 1999).bytes()));
    assertEquals(Translator.NOBODY, bed.owner(Packet.udp("10.1.0.1", 53, source, 2030).bytes()));
    Packet echo = Packet.of(1, "10.1.0.1", 8 << 8, source, 0, 0);
    assertEquals(Translator.NOBODY, bed.owner(echo.bytes()));
    Packet later = Packet.udp("10.1.0.1", 53, source, 2000).fragment(9, 100);
    assertEquals(Translator.FRAGMENT, bed.owner(later.bytes()));
    Packet six = Packet.tcp("fd00::1", 80, NatBed.SOURCE_V6, 2015, Packet.ACK);
    assertEquals(1, bed.owner(six.bytes()));
  }

  @Test
  void shouldReadAnothersSessionForItsClientsPackets() {
    Packet there = bed.send(1, udp(4000));
    assertEquals(there.fromPort(), bed.send(2, udp(4000)).fromPort());
    assertEquals(NatBed.BACKEND, bed.send(0, udp(4000)).to());
    assertEquals(1, bed.tables.sessions());
    assertEquals(1, bed.tables.counted(2, NatCounter.BORROWED));
  }

  @Test
  void shouldReadAnothersSessionForItsBackendsPackets() {
    Packet there = bed.send(1, udp(4000));
    Packet back = bed.answer(0, there.reply());
    assertEquals(NatBed.CLIENT, back.to());
    assertEquals(4000, back.toPort());
    assertEquals(NatBed.MAC, bed.translators.get(0).clientMac);
    bed.toClient(2, there.reply().between("10.1.0.9", 53, there.from(), there.fromPort()).bytes());
    assertEquals(NatOutcome.WRONG_SENDER, bed.outcome);
    int other = there.fromPort() == 2012 ? 2013 : 2012;
    bed.toClient(2, there.reply().between("10.1.0.1", 53, there.from(), other).bytes());
    assertEquals(NatOutcome.NO_SESSION, bed.outcome);
  }

  @Test
  void shouldLetASessionLiveOnThatOthersUse() {
    Packet there = bed.send(1, udp(4000));
    for (int i = 0; i < 4; i++) {
      bed.now += 290 * NatBed.SECOND;
      bed.answer(0, there.reply());
      bed.translators.get(1).sweep(bed.now);
    }
    assertEquals(1, bed.tables.sessions());
    bed.now += 290 * NatBed.SECOND;
    assertEquals(there.fromPort(), bed.send(1, udp(4000)).fromPort());
  }

  @Test
  void shouldNotReadASessionThatIsOver() {
    Packet there = bed.send(1, udp(4000));
    bed.now += 400 * NatBed.SECOND;
    bed.toClient(0, there.reply().bytes());
    assertEquals(NatOutcome.NO_SESSION, bed.outcome);
    assertTrue(bed.send(2, udp(4000)).fromPort() >= 2020);
  }

  @Test
  void shouldNotReadASessionOfARemovedBackend() {
    Packet there = bed.send(1, udp(4000));
    bed.tables.forget(NatBed.NUMBER, bed.now);
    bed.toClient(0, there.reply().bytes());
    assertEquals(NatOutcome.NO_SESSION, bed.outcome);
  }

  /** A flow of which one worker gets the fragments: it is no one-packet session for the other. */
  @Test
  void shouldNotEvictASessionThatOthersUse() {
    Packet there = bed.send(1, udp(4000));
    bed.now += NatBed.SECOND;
    bed.send(2, udp(4000));
    for (int i = 1; i < 30; i++) {
      bed.send(1, udp(5000 + i));
    }
    assertEquals(there.fromPort(), bed.send(1, udp(4000)).fromPort());
    assertEquals(20, bed.tables.counted(1, NatCounter.EVICTED));
  }

  /** Another worker's session, whose backend the decision does not name, is not used. */
  @Test
  void shouldNotReadASessionWithAnotherBackend() {
    bed.send(1, udp(4000));
    bed.now += 20 * NatBed.SECOND;
    bed.isFollowed = false;
    bed.number = NatBed.NUMBER + 1;
    bed.decide("10.1.0.9", null);
    Packet there = bed.send(2, udp(4000));
    assertEquals("10.1.0.9", there.to());
    assertTrue(there.fromPort() >= 2020);
    assertEquals(0, bed.counted(NatCounter.BORROWED));
    bed.now += 285 * NatBed.SECOND;
    bed.translators.get(1).sweep(bed.now);
    assertEquals(1, bed.counted(NatCounter.EXPIRED), "it is not kept alive");
  }

  /** A SYN begins its session where it comes; nobody else is asked. */
  @Test
  void shouldBeginASessionWhereItsSynComes() {
    Packet syn = Packet.tcp(NatBed.CLIENT, 4000, NatBed.VIP, 80, Packet.SYN);
    assertTrue(bed.send(0, syn).fromPort() < 2010);
    assertTrue(bed.send(2, syn).fromPort() >= 2020);
    assertEquals(0, bed.counted(NatCounter.BORROWED));
  }
}

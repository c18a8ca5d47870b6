package io.synlev.nat;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.datapath.FlowTimeouts;
import io.synlev.nat.SessionModel.Known;
import io.synlev.nat.SessionModel.State;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Thousands of packets of both sides, families and protocols, errors among them, with time and
 * removed backends, against {@link SessionModel}. Each result is compared byte by byte with a
 * packet that is computed from scratch.
 */
class RandomTrafficTest {

  private static final int PACKETS = 40_000;
  private static final int WORKERS = 2;
  private static final int PORTS_EACH = 1000;
  private static final int[] FLAGS = {2, 2, 16, 16, 16, 24, 17, 17, 4, 20, 18};

  private NatBed bed;
  private SplittableRandom random;

  /** By client, VIP and protocol. */
  private final Map<String, SessionModel> sessions = new HashMap<>();

  /** By source, port and protocol. */
  private final Map<String, SessionModel> bySource = new HashMap<>();

  private final List<SessionModel> begun = new ArrayList<>();
  private final long[] numbers = {1, 2, 3, 4, 5};
  private int translated;
  private int reopened;
  private int ended;
  private int errors;

  @BeforeEach
  void open() throws Exception {
    bed =
        new NatBed(
            new NatOptions(
                NatBed.sources("203.0.113.1", "2001:db8:5::1", "203.0.113.2", "2001:db8:5::2"),
                2000,
                2000 + WORKERS * PORTS_EACH - 1,
                WORKERS,
                4096,
                new FlowTimeouts(20, 200, 60, 100, 1),
                40));
  }

  @AfterEach
  void close() {
    bed.close();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void shouldTranslateAsTheModelDoes(long seed) {
    random = new SplittableRandom(seed);
    for (int i = 0; i < PACKETS; i++) {
      bed.now += random.nextInt(200) == 0 ? random.nextLong(30 * NatBed.SECOND) : 5_000_000;
      int what = random.nextInt(100);
      if (what < 55) {
        client();
      } else if (what < 90) {
        backend();
      } else if (what < 97) {
        error();
      } else if (what < 99) {
        bed.translators.get(random.nextInt(WORKERS)).sweep(bed.now);
      } else if (random.nextInt(20) == 0) {
        forget();
      }
    }
    assertTrue(translated > PACKETS / 2, "translated " + translated);
    assertTrue(reopened > 20 && ended > 100 && errors > 500, reopened + " " + ended + " " + errors);
    assertEquals(0, bed.counted(NatCounter.NO_PORT) + bed.counted(NatCounter.EVICTED));
  }

  private static int home(int client) {
    return client % WORKERS;
  }

  private void client() {
    int client = random.nextInt(1, 40);
    boolean isIpv6 = random.nextBoolean();
    boolean isUdp = random.nextInt(3) == 0;
    int flags = isUdp ? 0 : FLAGS[random.nextInt(FLAGS.length)];
    String from = isIpv6 ? NatBed.full("2001:db8:c::" + client) : "198.51.100." + client;
    String vip = isIpv6 ? NatBed.full(NatBed.VIP_V6) : NatBed.VIP;
    int fromPort = 4000 + random.nextInt(4);
    Packet packet =
        Packet.of(isUdp ? Packet.UDP : Packet.TCP, from, fromPort, vip, 80, flags)
            .with(new byte[random.nextInt(50)])
            .fragment(random.nextInt(1 << 16), random.nextInt(4) == 0 ? 0 : Packet.DONT_FRAGMENT);
    int backend = random.nextInt(5);
    bed.decide("10.1.0." + (backend + 1), "fd00::" + (backend + 1));
    bed.number = numbers[backend];
    bed.mac = random.nextLong(1L << 48);
    SessionModel session = sessions.get(key(packet));
    Known known = session == null ? Known.OVER : session.known(bed.now);
    boolean isSyn = SessionModel.isSyn(flags);
    bed.isFollowed = random.nextInt(10) != 0;
    boolean isMoved = session != null && !bed.isFollowed && session.number != bed.number;
    boolean isBorrowed = known == Known.ALIVE && !isSyn && !isMoved && random.nextInt(20) == 0;
    int worker = isBorrowed ? 1 - home(client) : home(client);
    byte[] bytes = packet.bytes();
    byte[] out = bed.toBackend(worker, bytes);
    if ((known == Known.OVER || known == Known.ALIVE && isMoved) && (flags & Packet.RST) != 0) {
      assertEquals(NatOutcome.NO_SESSION, bed.outcome);
      return;
    }
    if (known == Known.EITHER && bed.outcome == NatOutcome.NO_SESSION) {
      return;
    }
    assertEquals(NatOutcome.TRANSLATED, bed.outcome);
    translated++;
    Packet there = NatBed.read(out, packet);
    boolean isSame =
        session != null
            && session.source.equals(there.from())
            && session.sourcePort == there.fromPort();
    if (known != Known.EITHER) {
      assertEquals(known == Known.ALIVE, isSame, () -> session + " " + packet);
    }
    if (isSame && !isMoved && !(isSyn && session.isClosed())) {
      session.fromClient(flags, isBorrowed, bed.now);
      if (!isBorrowed) {
        session.mac = bed.mac;
      }
      assertBackend(session, there);
      return;
    }
    reopened += isSame ? 1 : 0;
    begin(packet, there, worker, isSame);
  }

  private void begin(Packet packet, Packet there, int worker, boolean isReopened) {
    SessionModel fresh = new SessionModel(packet, there, bed.number, bed.mac, bed.now);
    assertEquals(there.to(), NatBed.full(address(packet.isIpv6())));
    int port = there.fromPort() - 2000 - worker * PORTS_EACH;
    assertTrue(port >= 0 && port < PORTS_EACH, "a port of worker " + worker);
    sessions.put(key(packet), fresh);
    begun.add(fresh);
    SessionModel former = bySource.put(sourceKey(there), fresh);
    if (former != null) {
      assertTrue(isReopened || former.known(bed.now) != Known.ALIVE, former + " has the port");
      former.state = State.OVER;
    }
    assertBackend(fresh, there);
  }

  private String address(boolean isIpv6) {
    if (!isIpv6) {
      int last = bed.hop.ipv4 & 0xff;
      return "10.1.0." + last;
    }
    return "fd00::" + bed.hop.ipv6Low;
  }

  private static void assertBackend(SessionModel session, Packet there) {
    assertEquals(session.backend, there.to());
    assertEquals(80, there.toPort());
  }

  private static String key(Packet packet) {
    return packet.protocol() + " " + packet.from() + " " + packet.fromPort() + " " + packet.to();
  }

  private static String sourceKey(Packet there) {
    return there.protocol() + " " + there.from() + " " + there.fromPort();
  }

  /** Mostly one that may live. */
  private SessionModel anySession() {
    for (int i = 0; i < 4 && !begun.isEmpty(); i++) {
      SessionModel session =
          begun.get(random.nextInt(Math.max(0, begun.size() - 200), begun.size()));
      if (session.known(bed.now) != Known.OVER) {
        return session;
      }
    }
    return begun.isEmpty() ? null : latest(begun.get(random.nextInt(begun.size())));
  }

  private SessionModel latest(SessionModel session) {
    return bySource.get(sourceKey(session.reply(0).reply()));
  }

  private void backend() {
    SessionModel session = anySession();
    if (session == null) {
      return;
    }
    int flags = session.client.protocol() == Packet.UDP ? 0 : FLAGS[random.nextInt(FLAGS.length)];
    Packet reply = session.reply(flags).with(new byte[random.nextInt(50)]);
    int owner = bed.owner(reply.bytes());
    assertEquals((session.sourcePort - 2000) / PORTS_EACH, owner);
    if (random.nextInt(10) == 0) {
      Packet other = reply.between(other(reply.from()), 80, reply.to(), reply.toPort());
      bed.toClient(owner, other.bytes());
      if (session.known(bed.now) == Known.ALIVE) {
        assertEquals(NatOutcome.WRONG_SENDER, bed.outcome);
      }
      return;
    }
    boolean isBorrowed = random.nextInt(20) == 0;
    byte[] out = bed.toClient(isBorrowed ? 1 - owner : owner, reply.bytes());
    if (!isKnownAsExpected(session)) {
      return;
    }
    translated++;
    Packet back = NatBed.read(out, reply);
    Packet expected = session.client.reply();
    assertEquals(key(expected), key(back));
    assertEquals(session.client.fromPort(), back.toPort());
    assertEquals(session.mac, bed.translators.get(isBorrowed ? 1 - owner : owner).clientMac);
    session.fromBackend(flags, isBorrowed, bed.now);
  }

  private static String other(String backend) {
    return backend.substring(0, backend.length() - 1) + "9";
  }

  /** Whether it was translated, which is to agree with what is known. */
  private boolean isKnownAsExpected(SessionModel session) {
    Known known = session.known(bed.now);
    boolean isTranslated = bed.outcome == NatOutcome.TRANSLATED;
    if (known == Known.EITHER) {
      return isTranslated;
    }
    assertEquals(known == Known.ALIVE ? NatOutcome.TRANSLATED : NatOutcome.NO_SESSION, bed.outcome);
    ended += isTranslated ? 0 : 1;
    return isTranslated;
  }

  /** An error of either side's about the other side's packet, at any worker. */
  private void error() {
    SessionModel session = anySession();
    if (session == null) {
      return;
    }
    boolean isIpv6 = session.client.isIpv6();
    String router = isIpv6 ? NatBed.full("2001:db8:f::1") : "198.51.100.254";
    Packet there = session.reply(0).reply();
    int quoted = random.nextInt(isIpv6 ? 48 : 28, 90);
    int worker = random.nextInt(WORKERS);
    byte[] out;
    byte[] expected;
    if (random.nextBoolean()) {
      byte[] in = Errors.error(router, there.from(), there.bytes(), quoted);
      expected = Errors.error(session.client.to(), session.client.from(), clean(session), quoted);
      assertEquals((session.sourcePort - 2000) / PORTS_EACH, bed.owner(in));
      out = bed.toClient(worker, in);
    } else {
      byte[] in = Errors.error(router, session.client.to(), session.client.reply().bytes(), quoted);
      expected = Errors.error(there.from(), there.to(), there.reply().bytes(), quoted);
      if (sessions.get(key(session.client)) != session) {
        return; // its client has another session by now
      }
      out = bed.toBackend(worker, in);
    }
    int sumAt = (isIpv6 ? 40 : 20) + (there.protocol() == Packet.TCP ? 16 : 6);
    if (isKnownAsExpected(session) && quoted != sumAt + 1) {
      errors++;
      assertArrayEquals(expected, out);
    }
  }

  private static byte[] clean(SessionModel session) {
    return session.client.bytes();
  }

  private void forget() {
    int backend = random.nextInt(numbers.length);
    bed.tables.forget(numbers[backend], bed.now);
    for (SessionModel session : bySource.values()) {
      if (session.number == numbers[backend]) {
        session.state = State.OVER;
      }
    }
    bed.now += 1;
    if (random.nextBoolean()) {
      numbers[backend] += 100;
    }
  }
}

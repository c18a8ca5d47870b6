package io.synlev.fastpath;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.datapath.FlowTimeouts;
import io.synlev.datapath.OwnFlows;
import io.synlev.packet.FlowKey;
import java.lang.foreign.Arena;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConnectionTableTest {

  private static final int TCP = 6;
  private static final int UDP = 17;
  private static final int SCTP = 132;
  private static final int FIN = 1;
  private static final int SYN = 2;
  private static final int RST = 4;
  private static final int ACK = 16;
  private static final long TICK = 1 << 20;
  private static final long SECOND = 1_000_000_000L;

  /** A bucket has eight places and is to be half full. */
  private static final int FLOWS = 64;

  private static final int BUCKETS = 16;

  private final Arena arena = Arena.ofConfined();
  private final Counters counters = new Counters();
  private long now = 77 * SECOND;

  @AfterEach
  void close() {
    arena.close();
  }

  private ConnectionTable table(int insertions, FlowTimeouts timeouts) {
    ConnectionOptions options = new ConnectionOptions(FLOWS, insertions, timeouts);
    return new ConnectionTable(
        arena.allocate(options.bytes(), 64).address(), options, counters, now);
  }

  private ConnectionTable table() {
    return table(0, FlowTimeouts.DEFAULT);
  }

  /** A packet's way through the table; the number of its backend, or that which is new. */
  private long packet(ConnectionTable table, FlowKey flow, int hash, int flags, long backend) {
    table.begin(now);
    long found = table.find(flow, hash, flags);
    long number = found == OwnFlows.UNKNOWN ? backend : table.backend(found);
    if (found == OwnFlows.UNKNOWN) {
      table.add(flow, hash, flags, backend);
    } else {
      table.touch(found, number, flags);
    }
    table.end();
    return number;
  }

  private boolean isKnown(ConnectionTable table, FlowKey flow, int hash) {
    table.begin(now);
    return table.find(flow, hash, ACK) != OwnFlows.UNKNOWN;
  }

  private static FlowKey ipv4(int client, int protocol) {
    FlowKey flow = new FlowKey();
    flow.ipv4(client, 0xc0000201, protocol, 40000 << 16 | 80);
    return flow;
  }

  private static FlowKey ipv6(long high, long low, int protocol) {
    FlowKey flow = new FlowKey();
    flow.ipv6(high, low, 0x2001_0db8_0000_0000L, 1, protocol, 40000 << 16 | 80);
    return flow;
  }

  private long counted(FastPathCounter counter) {
    return counters.get(counter);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 2, 3, 4, 5, 6, 7})
  void shouldDoAsTheModelDoes(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    FlowTimeouts timeouts = new FlowTimeouts(2, 9, 3, 4, 5);
    // Times wrap in the middle.
    now = ((1L << 32) - 100_000) * TICK;
    ConnectionTable table = table(0, timeouts);
    ConnectionModel model = new ConnectionModel(BUCKETS, timeouts);
    int wraps = 0;
    for (int i = 0; i < 100_000; i++) {
      long before = now >>> 52;
      now += TICK * (1 + (random.nextInt(300) == 0 ? random.nextInt(9000) : random.nextInt(3)));
      wraps += now >>> 52 != before ? 1 : 0;
      FlowKey flow = anyOf(random, 18);
      int hash = hashOf(flow);
      int flags = flow.protocol == TCP ? anyFlags(random) : 0;
      long backend = 1 + random.nextInt(1000);
      long expected = model.packet(name(flow), hash, flow.protocol, flags, backend, now);
      assertEquals(expected, packet(table, flow, hash, flags, backend), "packet " + i);
    }
    assertEquals(1, wraps);
    assertEquals(model.inserted, counted(FastPathCounter.FLOWS_INSERTED));
    assertEquals(model.evicted, counted(FastPathCounter.FLOWS_EVICTED));
    assertEquals(model.reopened, counted(FastPathCounter.FLOWS_REOPENED));
    assertEquals(model.hits, counted(FastPathCounter.FLOWS_HIT));
    assertTrue(model.evicted > 1000 && model.reopened > 100 && model.expired > 1000);
  }

  @Test
  void shouldNotCloseAConnectionWhoseSynCameInOneBurstWithTheFormerEnd() {
    ConnectionTable table = table();
    FlowKey flow = ipv4(1, TCP);
    packet(table, flow, 5, SYN, 9);
    packet(table, flow, 5, ACK, 9);
    table.begin(now);
    long end = table.find(flow, 5, RST);
    long syn = table.find(flow, 5, SYN);
    table.touch(end, 9, RST);
    table.touch(syn, 9, SYN);
    table.end();
    packet(table, flow, 5, ACK, 9);
    now += (FlowTimeouts.DEFAULT.tcpClosing() + 1) * SECOND;
    assertTrue(isKnown(table, flow, 5), "established");
  }

  /** Few hashes, so that many flows share bucket and tag. */
  private static int hashOf(FlowKey flow) {
    return (int) (flow.sourceLow * 0x9e37_79b9 + flow.protocol) & 0xc000_0003;
  }

  private static FlowKey anyOf(SplittableRandom random, int clients) {
    int client = random.nextInt(clients);
    int protocol = new int[] {TCP, UDP, SCTP}[random.nextInt(3)];
    // The IPv6 flows' first eight bytes are what an IPv4 flow's addresses are.
    return random.nextBoolean()
        ? ipv4(client, protocol)
        : ipv6((long) client << 32 | 0xc0000201L, client, protocol);
  }

  private static int anyFlags(SplittableRandom random) {
    return new int[] {SYN, SYN, ACK, ACK, ACK, FIN | ACK, RST, SYN | ACK}[random.nextInt(8)];
  }

  private static String name(FlowKey flow) {
    return "%d %x %x %d".formatted(flow.family, flow.sourceHigh, flow.sourceLow, flow.protocol);
  }

  @Test
  void shouldTellFlowsApartWhoseHashesAreTheSame() {
    ConnectionTable table = table();
    FlowKey[] flows = {
      ipv4(1, TCP),
      ipv4(1, UDP),
      ipv4(2, TCP),
      ipv6(1L << 32 | 0xc0000201L, 0, TCP),
      ipv6(1L << 32 | 0xc0000201L, 1, TCP),
      ipv6(2, 1, TCP),
    };
    for (int i = 0; i < flows.length; i++) {
      assertEquals(100 + i, packet(table, flows[i], 5, ACK, 100 + i));
    }
    for (int i = 0; i < flows.length; i++) {
      assertEquals(100 + i, packet(table, flows[i], 5, ACK, 7));
    }
    FlowKey otherPort = ipv4(1, TCP);
    otherPort.ports++;
    assertEquals(OwnFlows.UNKNOWN, table.find(otherPort, 5, ACK));
    FlowKey otherVip = ipv6(2, 1, TCP);
    otherVip.destinationLow++;
    assertEquals(OwnFlows.UNKNOWN, table.find(otherVip, 5, ACK));
    otherVip.destinationLow--;
    otherVip.destinationHigh++;
    assertEquals(OwnFlows.UNKNOWN, table.find(otherVip, 5, ACK));
  }

  @Test
  void shouldNotFindWhatStillLiesInAFreePlace() {
    ConnectionTable table = table(0, new FlowTimeouts(1, 1, 1, 1, 1));
    // The tag of this hash is one above that of the first: a borrow must not reach it.
    packet(table, ipv4(1, UDP), 0, 0, 9);
    packet(table, ipv4(2, UDP), 1, 0, 9);
    now += 200 * SECOND;
    for (int i = 0; i < 10; i++) {
      table.begin(now += SECOND);
      table.end();
    }
    assertEquals(2, counted(FastPathCounter.FLOWS_EXPIRED), "swept");
    now = 77 * SECOND;
    assertTrue(!isKnown(table, ipv4(2, UDP), 1) && !isKnown(table, ipv4(1, UDP), 0));
  }

  @Test
  void shouldFindFlowsThatAreOverThoughNoPacketComes() {
    ConnectionTable table = table();
    for (int client = 0; client < 30; client++) {
      packet(table, ipv4(client, UDP), client << 27, 0, 9);
    }
    now += (FlowTimeouts.DEFAULT.udp() - 100) * SECOND;
    table.idle(now);
    assertEquals(0, counted(FastPathCounter.FLOWS_EXPIRED));
    now += 101 * SECOND;
    for (int step = 0; step < 10; step++) {
      table.idle(now += TICK);
    }
    assertEquals(30, counted(FastPathCounter.FLOWS_EXPIRED));
  }

  @Test
  void shouldKeepEstablishedFlowsInAFloodOfNewOnes() {
    ConnectionTable table = table();
    for (int client = 0; client < 7; client++) {
      packet(table, ipv4(client, TCP), 5, SYN, 1);
      packet(table, ipv4(client, TCP), 5, ACK, 1);
    }
    now += 60 * SECOND;
    for (int client = 1000; client < 9000; client++) {
      now += TICK;
      packet(table, ipv4(client, TCP), 5, SYN, 2);
    }
    for (int client = 0; client < 7; client++) {
      assertTrue(isKnown(table, ipv4(client, TCP), 5));
    }
    assertEquals(7999, counted(FastPathCounter.FLOWS_EVICTED), "young ones make room");
  }

  @Test
  void shouldAddNoMoreThanAllowedInASecond() {
    ConnectionTable table = table(1000, FlowTimeouts.DEFAULT);
    for (int i = 0; i < 10_000; i++) {
      now += SECOND / 10_000;
      packet(table, ipv4(i, UDP), i << 24, 0, 1);
    }
    long inserted = counted(FastPathCounter.FLOWS_INSERTED);
    assertTrue(inserted >= 1000 && inserted <= 1101, "inserted " + inserted);
    assertEquals(10_000 - inserted, counted(FastPathCounter.FLOWS_OVER_LIMIT));
    assertEquals(10_000, counted(FastPathCounter.FLOWS_MISS_UDP));
  }

  @Test
  void shouldTellKindsOfMissesApart() {
    ConnectionTable table = table();
    packet(table, ipv4(1, TCP), 1 << 28, SYN, 1);
    packet(table, ipv4(2, TCP), 2 << 28, ACK, 1);
    packet(table, ipv4(3, TCP), 3 << 28, RST, 1);
    packet(table, ipv4(4, TCP), 4 << 28, SYN | ACK, 1);
    packet(table, ipv4(5, UDP), 5 << 28, 0, 1);
    packet(table, ipv4(6, SCTP), 6 << 28, 0, 1);
    packet(table, ipv4(5, UDP), 5 << 28, 0, 1);
    assertEquals(1, counted(FastPathCounter.FLOWS_MISS_SYN));
    assertEquals(3, counted(FastPathCounter.FLOWS_MISS_TCP));
    assertEquals(1, counted(FastPathCounter.FLOWS_MISS_UDP));
    assertEquals(1, counted(FastPathCounter.FLOWS_MISS_SCTP));
    assertEquals(1, counted(FastPathCounter.FLOWS_HIT));
    assertEquals(5, counted(FastPathCounter.FLOWS_INSERTED), "nothing follows a reset");
  }

  @Test
  void shouldGiveAConnectionThatWasClosedANewBackend() {
    ConnectionTable table = table();
    FlowKey flow = ipv4(1, TCP);
    assertEquals(1, packet(table, flow, 9, SYN, 1));
    assertEquals(1, packet(table, flow, 9, ACK, 2));
    assertEquals(1, packet(table, flow, 9, SYN, 2), "a SYN on a live flow");
    assertEquals(1, packet(table, flow, 9, FIN | ACK, 2));
    assertEquals(1, packet(table, flow, 9, ACK, 2), "the last ACK");
    now += 239 * SECOND;
    assertTrue(isKnown(table, flow, 9));
    assertEquals(2, packet(table, flow, 9, SYN, 2));
    assertEquals(2, packet(table, flow, 9, RST, 3));
    now += 241 * SECOND;
    assertTrue(!isKnown(table, flow, 9), "closed by a reset");
  }

  @Test
  void shouldEndAFlowWhoseBackendIsGone() {
    ConnectionTable table = table();
    packet(table, ipv4(1, UDP), 9, 0, 1);
    table.begin(now);
    table.add(ipv4(1, UDP), 9, 0, 2);
    assertEquals(1, counted(FastPathCounter.FLOWS_STALE));
    assertEquals(2, table.backend(table.find(ipv4(1, UDP), 9, 0)));
  }

  @Test
  void shouldFindInAnotherWorkersTable() {
    ConnectionTable first = table();
    ConnectionTable second = table();
    SharedTables all = new SharedTables(java.util.List.of(first, second));
    first.join(all);
    second.join(all);
    packet(first, ipv4(1, UDP), 9, 0, 4711);
    second.begin(now);
    assertEquals(4711, second.findAnywhere(ipv4(1, UDP), 9));
    assertEquals(OwnFlows.UNKNOWN, second.findAnywhere(ipv4(2, UDP), 9));
    assertEquals(OwnFlows.UNKNOWN, second.find(ipv4(1, UDP), 9, 0));
    second.begin(now + 301 * SECOND);
    assertEquals(OwnFlows.UNKNOWN, second.findAnywhere(ipv4(1, UDP), 9), "idle for too long");
  }

  @Test
  void shouldHoldAsManyFlowsAsItSays() {
    int flows = 100_000;
    ConnectionOptions options = new ConnectionOptions(flows, 0, FlowTimeouts.DEFAULT);
    long memory = arena.allocate(options.bytes(), 64).address();
    ConnectionTable table = new ConnectionTable(memory, options, counters, now);
    SplittableRandom random = new SplittableRandom(3);
    int[] hashes = random.ints(flows).toArray();
    for (int i = 0; i < flows; i++) {
      packet(table, ipv4(i, UDP), hashes[i], 0, 1);
    }
    // Poisson with mean 4: 0.8 % of the flows find their bucket full.
    assertEquals(0.008 * flows, counted(FastPathCounter.FLOWS_EVICTED), 0.002 * flows);
  }
}

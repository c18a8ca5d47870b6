package io.synlev.fastpath;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.datapath.FlowTimeouts;
import io.synlev.datapath.OwnFlows;
import io.synlev.packet.FlowBurst;
import io.synlev.packet.FlowKey;
import io.synlev.packet.IpProtocol;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Two tables, one asked in bursts and the other packet by packet: same answers, and in the end of
 * each burst the same memory. ConnectionTableTest compares the other one with a model.
 */
class BurstSearchTest {

  private static final int BURST = 64;
  private static final int ROUNDS = 3000;
  private static final int FIRST_FLAGS = 0x02;
  private static final FlowTimeouts TIMEOUTS = new FlowTimeouts(2, 9, 3, 4, 5);
  private static final ConnectionOptions OPTIONS = new ConnectionOptions(64, 0, TIMEOUTS);

  private final Arena arena = Arena.ofConfined();
  private final MemorySegment memory = arena.allocate(OPTIONS.bytes(), 64);
  private final MemorySegment otherMemory = arena.allocate(OPTIONS.bytes(), 64);
  private final Counters counters = new Counters();
  private final Counters otherCounters = new Counters();
  private long now = 77_000_000_000L;
  private final ConnectionTable bursts = table(memory, counters);
  private final ConnectionTable single = table(otherMemory, otherCounters);

  private final FlowBurst flows = new FlowBurst(BURST);
  private final FlowKey[] keys = new FlowKey[BURST];
  private final int[] hashes = new int[BURST];
  private final long[] founds = new long[BURST];
  private final long[] backends = new long[BURST];
  private int found;
  private int missed;

  private ConnectionTable table(MemorySegment where, Counters counted) {
    return new ConnectionTable(where.address(), OPTIONS, counted, now);
  }

  @AfterEach
  void close() {
    arena.close();
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 2, 3})
  void shouldAnswerAndNoteAsOneByOne(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int round = 0; round < ROUNDS; round++) {
      now += random.nextLong(random.nextInt(100) == 0 ? 9_000_000_000L : 200_000_000L);
      make(random);
      bursts.begin(now);
      single.begin(now);
      bursts.approach(hashes, flows.count);
      bursts.findAll(flows, hashes, founds, backends);
      expectSame("round " + round);
      bursts.touchAll(flows, founds, touchEach(random));
      addMissing(random);
      bursts.end();
      single.end();
      assertArrayEquals(bytes(otherMemory), bytes(memory), "round " + round);
    }
    for (FastPathCounter counter : FastPathCounter.values()) {
      assertEquals(otherCounters.get(counter), counters.get(counter), counter.label());
    }
    assertTrue(found > 10_000 && missed > 4_000, found + " found, " + missed + " missed");
  }

  @Test
  void shouldTellOfNothingInAnEmptyBurst() {
    flows.count = 0;
    bursts.begin(now);
    bursts.approach(hashes, 0);
    bursts.findAll(flows, hashes, founds, backends);
    bursts.touchAll(flows, founds, 0);
    bursts.end();
    assertEquals(0, counters.get(FastPathCounter.FLOWS_HIT));
  }

  /** Of a hundred flows; hashes collide on purpose: in buckets, in tags, wholly. */
  private void make(SplittableRandom random) {
    flows.count = random.nextInt(BURST + 1);
    for (int i = 0; i < flows.count; i++) {
      int number = random.nextInt(100);
      FlowKey key = new FlowKey();
      int protocol = new int[] {6, 17, 132}[number % 3];
      flows.protocol[i] = protocol;
      flows.ports[i] = number << 16 | 80;
      flows.tcpFlags[i] =
          protocol == IpProtocol.TCP ? new int[] {2, 16, 17, 20, 24}[random.nextInt(5)] : 0;
      if (number % 2 == 0) {
        flows.family[i] = FlowKey.IPV4;
        flows.sourceLow[i] = 0x0a000000L + number % 7;
        flows.destinationLow[i] = 0xc0000201L;
        key.ipv4((int) flows.sourceLow[i], 0xc0000201, protocol, flows.ports[i]);
      } else {
        flows.family[i] = FlowKey.IPV6;
        flows.sourceHigh[i] = 0x20010db800000000L;
        flows.sourceLow[i] = number % 7;
        flows.destinationHigh[i] = 0x20010db800000001L;
        flows.destinationLow[i] = 1;
        key.ipv6(flows.sourceHigh[i], number % 7, 0x20010db800000001L, 1, protocol, flows.ports[i]);
      }
      keys[i] = key;
      hashes[i] = number % 16 << 28 | number % 5;
    }
  }

  private void expectSame(String when) {
    for (int i = 0; i < flows.count; i++) {
      long expected = single.find(keys[i], hashes[i], flows.tcpFlags[i]);
      boolean isFound = expected != OwnFlows.UNKNOWN;
      assertEquals(isFound, founds[i] != OwnFlows.UNKNOWN, when + ", packet " + i);
      if (isFound) {
        assertEquals(single.backend(expected), backends[i], when + ", packet " + i);
        assertEquals(backends[i], bursts.backend(founds[i]), when + ", packet " + i);
      }
    }
  }

  /** Notes the found ones, but for some that are left out as if their backend were gone. */
  private int touchEach(SplittableRandom random) {
    int touched = 0;
    for (int i = 0; i < flows.count; i++) {
      long place = single.find(keys[i], hashes[i], flows.tcpFlags[i]);
      if (founds[i] == OwnFlows.UNKNOWN) {
        missed++;
      } else if (random.nextInt(20) == 0) {
        founds[i] = OwnFlows.UNKNOWN;
      } else {
        found++;
        touched++;
        single.touch(place == OwnFlows.UNKNOWN ? lost(i) : place, backends[i], flows.tcpFlags[i]);
      }
    }
    return touched;
  }

  /** Where a flow is that a packet before it in the burst has closed, as a SYN looks for it. */
  private long lost(int i) {
    return single.find(keys[i], hashes[i], 0);
  }

  private void addMissing(SplittableRandom random) {
    for (int i = 0; i < flows.count; i++) {
      if (founds[i] == OwnFlows.UNKNOWN) {
        int flags = flows.protocol[i] == IpProtocol.TCP ? FIRST_FLAGS : 0;
        long backend = 1 + random.nextInt(1000);
        bursts.add(keys[i], hashes[i], flags, backend);
        single.add(keys[i], hashes[i], flags, backend);
      }
    }
  }

  private static byte[] bytes(MemorySegment segment) {
    return segment.toArray(ValueLayout.JAVA_BYTE);
  }
}

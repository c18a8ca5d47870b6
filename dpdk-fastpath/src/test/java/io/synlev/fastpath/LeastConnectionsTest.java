package io.synlev.fastpath;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.synlev.datapath.Decision;
import io.synlev.state.AdminState;
import io.synlev.state.Backend;
import io.synlev.state.Health;
import io.synlev.state.Policy;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Where new flows of a pool with ten backends go. The test counts flows itself, by the decisions
 * that it saw.
 */
class LeastConnectionsTest {

  private static final int MARK = 301;
  private static final int BACKENDS = 10;
  private static final int BURST = 32;
  private static final int FIN = 1;
  private static final int SYN = 2;
  private static final int ACK = 16;

  @TempDir Path directory;
  private ConnectionBed bed;
  private int clients;

  @BeforeEach
  void open() throws Exception {
    bed = new ConnectionBed(directory, 0);
    bed.pool("least", MARK, Policy.LEAST_CONNECTIONS);
    bed.instance.updateServices(
        _ -> List.of(ConnectionBed.service("web", "least", "192.0.2.1/32", "2001:db8:1::1/128")));
    bed.sync();
  }

  @AfterEach
  void close() {
    bed.close();
  }

  private static byte[] tcp(int client, int flags) {
    return Frame.of("10.7.%d.%d".formatted(client / 250, client % 250), "192.0.2.1")
        .tcpFlags(flags)
        .bytes();
  }

  private void change(UnaryOperator<Backend> change) {
    bed.instance.updatePool("least", backends -> backends.stream().map(change).toList());
  }

  private static boolean isAmong(Backend backend, int first) {
    return backend.fwmark() - MARK < first;
  }

  private static Backend weighing(Backend b, int weight) {
    return new Backend(
        b.name(), b.fwmark(), weight, b.state(), b.health(), b.ipv4(), b.ipv6(), b.mac());
  }

  /** Adds new flows, in bursts by turns at each worker, to what each backend has. */
  private void give(int flows, int[] to) {
    for (int i = 0; i < flows; i += BURST) {
      List<byte[]> burst = new ArrayList<>();
      for (int j = i; j < Math.min(flows, i + BURST); j++) {
        burst.add(tcp(clients++, SYN));
      }
      for (Decision decision : bed.decide(i / BURST % ConnectionBed.WORKERS, burst)) {
        to[decision.mark - MARK]++;
      }
    }
  }

  private static int spread(int[] flows) {
    return Arrays.stream(flows).max().orElseThrow() - Arrays.stream(flows).min().orElseThrow();
  }

  @Test
  void shouldAlwaysTakeTheOneOfTwoThatHasFewer() {
    change(b -> isAmong(b, 2) ? b : b.with(AdminState.DRAINING));
    int[] flows = new int[2];
    for (int i = 0; i < 200; i++) {
      int[] before = flows.clone();
      give(1, flows);
      int taker = flows[0] > before[0] ? 0 : 1;
      assertTrue(
          before[taker] <= before[1 - taker], "flow " + i + " of " + Arrays.toString(before));
    }
    assertArrayEquals(new int[] {100, 100}, flows);
    assertTrue(clients == 200 && bed.counted(0, FastPathCounter.FLOWS_INSERTED) == 200);
  }

  @Test
  void shouldBreakTiesByTheFlowsHash() {
    change(b -> isAmong(b, 2) ? b : b.with(AdminState.DRAINING));
    int[] firsts = new int[2];
    for (int i = 0; i < 100; i++) {
      give(1, firsts);
      give(1, new int[2]);
    }
    assertTrue(firsts[0] > 25 && firsts[1] > 25, Arrays.toString(firsts));
  }

  @Test
  void shouldHoldAllBackendsTogetherThoughFlowsComeInBurstsToSeveralWorkers() {
    int[] flows = new int[BACKENDS];
    give(500, flows);
    assertTrue(spread(flows) <= 4, Arrays.toString(flows));
    give(1500, flows);
    // By hash alone the standard deviation would be 13.
    assertTrue(spread(flows) <= 4, "no more than before: " + Arrays.toString(flows));
  }

  @Test
  void shouldGiveInProportionToWeights() {
    change(b -> weighing(b, isAmong(b, 5) ? 1 : 3));
    int[] flows = new int[BACKENDS];
    give(2000, flows);
    for (int i = 0; i < BACKENDS; i++) {
      assertEquals(i < 5 ? 100 : 300, flows[i], 9, Arrays.toString(flows));
    }
  }

  @Test
  void shouldGiveLessToOneThatStartsSlowly() {
    change(b -> isAmong(b, 5) ? b.with(Health.UP, 20) : b);
    int[] flows = new int[BACKENDS];
    give(1200, flows);
    for (int i = 0; i < BACKENDS; i++) {
      assertEquals(i < 5 ? 40 : 200, flows[i], 8, Arrays.toString(flows));
    }
  }

  @Test
  void shouldGiveNoneToThoseThatTakeNoNewFlows() {
    change(
        b ->
            switch (b.fwmark() - MARK) {
              case 0 -> b.with(AdminState.INACTIVE);
              case 1 -> b.with(AdminState.DRAINING);
              case 2 -> b.with(Health.DOWN, Backend.WHOLE);
              case 3 -> weighing(b, 0);
              default -> b;
            });
    int[] flows = new int[BACKENDS];
    give(600, flows);
    assertArrayEquals(new int[4], Arrays.copyOf(flows, 4));
    assertTrue(spread(Arrays.copyOfRange(flows, 4, BACKENDS)) <= 4, Arrays.toString(flows));
  }

  @Test
  void shouldNotFloodABackendThatComesBack() {
    change(b -> isAmong(b, 1) ? b.with(Health.DOWN, Backend.WHOLE) : b);
    int[] flows = new int[BACKENDS];
    give(900, flows);
    assertEquals(0, flows[0]);
    change(b -> isAmong(b, 1) ? b.with(Health.UP, Backend.WHOLE) : b);
    give(320, flows);
    // One of two is it with a probability of 1 - 0.9 * 8/9: a fifth; six standard deviations.
    assertEquals(64, flows[0], 43, Arrays.toString(flows));
    give(900, flows);
    assertTrue(spread(flows) <= 4, "caught up: " + Arrays.toString(flows));
  }

  @Test
  void shouldCountFlowsNoMoreWhenTheyClose() {
    change(b -> isAmong(b, 2) ? b : b.with(AdminState.DRAINING));
    int[] flows = new int[2];
    give(100, flows);
    List<Integer> closed = new ArrayList<>();
    for (int client = 0; client < 100; client++) {
      if (bed.decide(client / BURST % 2, tcp(client, ACK)).mark == MARK) {
        bed.decide(client / BURST % 2, tcp(client, FIN | ACK));
        closed.add(client);
      }
    }
    assertEquals(50, closed.size());
    int[] more = new int[2];
    give(50, more);
    assertArrayEquals(new int[] {50, 0}, more);
  }

  @Test
  void shouldAllocateNothingForNewFlows() {
    int packetBytes = 128;
    MemorySegment packets = bed.arena.allocate((long) packetBytes * BURST, 64);
    long[] addresses = new long[BURST];
    int[] lengths = new int[BURST];
    Decision[] out = new Decision[BURST];
    byte[] syn = tcp(0, SYN);
    for (int i = 0; i < BURST; i++) {
      addresses[i] = packets.address() + (long) packetBytes * i;
      lengths[i] = syn.length - 14;
      out[i] = new Decision();
      MemorySegment.copy(
          syn, 14, packets, ValueLayout.JAVA_BYTE, (long) packetBytes * i, lengths[i]);
    }
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long allocated = Long.MAX_VALUE;
    for (int round = 0; round < 20; round++) { // the first ones before all is compiled
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int burst = 0; burst < 2_000; burst++) {
        for (int i = 0; i < BURST; i++) { // another source address
          packets.set(ValueLayout.JAVA_INT_UNALIGNED, (long) packetBytes * i + 12, clients++);
        }
        bed.now += 1_000_000;
        bed.steerings.getFirst().decideBatch(addresses, lengths, BURST, bed.now, out);
      }
      allocated = Math.min(allocated, threads.getCurrentThreadAllocatedBytes() - before);
    }
    assertTrue(bed.counted(0, FastPathCounter.FLOWS_INSERTED) > 1_000_000);
    assertTrue(allocated < 2_000, allocated + " bytes for 64,000 flows");
  }

  @Test
  void shouldGiveOneBackendToAFlowsPacketsOfOneBurst() {
    List<byte[]> burst =
        IntStream.range(0, 20).mapToObj(i -> tcp(i % 5, i < 5 ? SYN : ACK)).toList();
    Decision[] decided = bed.decide(0, burst);
    for (int i = 5; i < 20; i++) {
      assertEquals(decided[i % 5].mark, decided[i].mark);
    }
    assertEquals(5, bed.counted(0, FastPathCounter.FLOWS_INSERTED));
    assertEquals(0, bed.counted(0, FastPathCounter.FLOWS_STALE));
  }
}

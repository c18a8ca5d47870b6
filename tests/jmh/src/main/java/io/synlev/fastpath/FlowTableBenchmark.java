package io.synlev.fastpath;

import io.synlev.datapath.FlowTimeouts;
import io.synlev.datapath.OwnFlows;
import io.synlev.hash.FlowHash;
import io.synlev.hash.Seed;
import io.synlev.packet.FlowBurst;
import io.synlev.packet.FlowKey;
import java.lang.foreign.Arena;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Look-ups of random flows in a connection table that knows a million, in bursts of 64. In ordinary
 * pages, so that no DPDK is needed: huge ones are faster. Every row holds what {@link #makeOnly}
 * takes.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class FlowTableBenchmark {
  private static final int BURST = 64;
  private static final int UDP = 17;
  private static final int VIP = 0xc0000201;
  private static final ConnectionOptions OPTIONS =
      new ConnectionOptions(1 << 20, 0, FlowTimeouts.DEFAULT);

  private final Arena arena = Arena.ofShared();
  private final FlowHash hash = new FlowHash(new Seed(1, 2));
  private final FlowBurst burst = new FlowBurst(BURST);
  private final FlowKey key = new FlowKey();
  private final int[] hashes = new int[BURST];
  private final long[] founds = new long[BURST];
  private final long[] numbers = new long[BURST];
  private ConnectionTable table;
  private long state = 88172645463325252L;

  /** Makes the flows known. */
  @Setup
  public void fill() {
    long memory = arena.allocate(OPTIONS.bytes(), 64).address();
    table = new ConnectionTable(memory, OPTIONS, new Counters(), System.nanoTime());
    table.begin(System.nanoTime());
    for (int flow = 0; flow < OPTIONS.flows(); flow++) {
      key.ipv4(source(flow), VIP, UDP, ports(flow));
      table.add(key, hash.ipv4(source(flow), VIP, key.ports, UDP), 0, 1L << 32 | flow);
    }
    table.end();
  }

  /** Gives the memory back. */
  @TearDown
  public void free() {
    arena.close();
  }

  private static int source(int flow) {
    return 0x0a00_0000 + flow / 256;
  }

  private static int ports(int flow) {
    return flow % 256 << 16 | 80;
  }

  private void make() {
    burst.count = BURST;
    for (int i = 0; i < BURST; i++) {
      state ^= state << 13;
      state ^= state >>> 7;
      state ^= state << 17;
      int flow = (int) ((state >>> 32) * OPTIONS.flows() >>> 32);
      burst.family[i] = FlowKey.IPV4;
      burst.sourceLow[i] = source(flow);
      burst.destinationLow[i] = VIP & 0xffff_ffffL;
      burst.ports[i] = ports(flow);
      burst.protocol[i] = UDP;
      hashes[i] = hash.ipv4(source(flow), VIP, ports(flow), UDP);
    }
  }

  /** What to subtract: making flows and their hashes. */
  @Benchmark
  @OperationsPerInvocation(BURST)
  public int makeOnly() {
    make();
    return hashes[BURST - 1];
  }

  /** As fragments and ICMP errors are looked up. */
  @Benchmark
  @OperationsPerInvocation(BURST)
  public int oneByOne() {
    make();
    table.begin(System.nanoTime());
    int found = 0;
    for (int i = 0; i < BURST; i++) {
      burst.copy(i, key);
      founds[i] = table.find(key, hashes[i], 0);
      found += founds[i] == OwnFlows.UNKNOWN ? 0 : 1;
    }
    return found;
  }

  /** As most packets are. */
  @Benchmark
  @OperationsPerInvocation(BURST)
  public int burst() {
    return find();
  }

  /** The same, and each packet is noted. */
  @Benchmark
  @OperationsPerInvocation(BURST)
  public int burstAndTouch() {
    int found = find();
    table.touchAll(burst, founds, found);
    return found;
  }

  private int find() {
    make();
    table.begin(System.nanoTime());
    table.approach(hashes, BURST);
    table.findAll(burst, hashes, founds, numbers);
    int found = 0;
    for (int i = 0; i < BURST; i++) {
      found += founds[i] == OwnFlows.UNKNOWN ? 0 : 1;
    }
    return found;
  }
}

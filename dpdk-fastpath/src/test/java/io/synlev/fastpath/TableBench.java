package io.synlev.fastpath;

import io.synlev.datapath.FlowTimeouts;
import io.synlev.datapath.OwnFlows;
import io.synlev.hash.FlowHash;
import io.synlev.hash.Seed;
import io.synlev.packet.FlowBurst;
import io.synlev.packet.FlowKey;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.Locale;

/**
 * Look-ups of random flows in a full connection table, one by one and a burst at once: ns each. In
 * ordinary pages, so that it needs no DPDK; {@link RingBench} has huge ones.
 *
 * <p>Arguments: flows, seconds of each kind.
 */
final class TableBench {

  private static final int BURST = 64;
  private static final int ROUND = 1 << 16;

  private final ConnectionTable table;
  private final FlowHash hash = new FlowHash(new Seed(1, 2));
  private final FlowBurst burst = new FlowBurst(BURST);
  private final FlowKey key = new FlowKey();
  private final int[] hashes = new int[BURST];
  private final long[] founds = new long[BURST];
  private final long[] numbers = new long[BURST];
  private final int flows;
  private long state = 88172645463325252L;

  private TableBench(ConnectionTable table, int flows) {
    this.table = table;
    this.flows = flows;
  }

  public static void main(String[] arguments) {
    int flows = Integer.parseInt(arguments[0]);
    double seconds = Double.parseDouble(arguments[1]);
    ConnectionOptions options = new ConnectionOptions(flows, 0, FlowTimeouts.DEFAULT);
    try (Arena arena = Arena.ofConfined()) {
      Counters counters = new Counters();
      long memory = arena.allocate(options.bytes(), 64).address();
      ConnectionTable table = new ConnectionTable(memory, options, counters, System.nanoTime());
      TableBench bench = new TableBench(table, flows);
      bench.fill();
      for (String kind : new String[] {"make", "one", "burst", "burst-touch"}) {
        bench.measure(kind, seconds);
      }
      System.out.println("evicted " + counters.get(FastPathCounter.FLOWS_EVICTED));
    }
  }

  private void fill() {
    table.begin(System.nanoTime());
    for (int i = 0; i < flows; i++) {
      key.ipv4(0x0a000000 + i / 256, 0xc0000201, 17, i % 256 << 16 | 80);
      table.add(key, hash.ipv4((int) key.sourceLow, 0xc0000201, key.ports, 17), 0, 1L << 32 | i);
    }
    table.end();
  }

  private void measure(String kind, double seconds) {
    double least = Double.MAX_VALUE;
    long end = System.nanoTime() + (long) (seconds * 1e9);
    long found = 0;
    while (System.nanoTime() < end) {
      long begin = System.nanoTime();
      for (int i = 0; i < ROUND / BURST; i++) {
        found += step(kind);
      }
      least = Math.min(least, (double) (System.nanoTime() - begin) / ROUND);
    }
    System.out.printf(Locale.ROOT, "%s: least %.1f ns (%d)%n", kind, least, found);
  }

  private int step(String kind) {
    make();
    switch (kind) {
      case "one" -> one();
      case "burst" -> table.findAll(burst, hashes, founds, numbers);
      case "burst-touch" -> {
        table.begin(System.nanoTime());
        table.findAll(burst, hashes, founds, numbers);
        int found = (int) Arrays.stream(founds).filter(f -> f != OwnFlows.UNKNOWN).count();
        table.touchAll(burst, founds, found);
      }
      default -> {
        // Only the flows are made.
      }
    }
    return founds[BURST - 1] == OwnFlows.UNKNOWN ? 0 : 1;
  }

  private void one() {
    for (int i = 0; i < BURST; i++) {
      burst.copy(i, key);
      founds[i] = table.find(key, hashes[i], 0);
    }
  }

  private void make() {
    burst.count = BURST;
    for (int i = 0; i < BURST; i++) {
      state ^= state << 13;
      state ^= state >>> 7;
      state ^= state << 17;
      int flow = (int) ((state >>> 32) * flows >>> 32);
      burst.family[i] = FlowKey.IPV4;
      burst.sourceLow[i] = 0x0a000000 + flow / 256;
      burst.destinationLow[i] = 0xc0000201L;
      burst.ports[i] = flow % 256 << 16 | 80;
      burst.protocol[i] = 17;
      hashes[i] = hash.ipv4((int) burst.sourceLow[i], 0xc0000201, burst.ports[i], 17);
    }
  }
}

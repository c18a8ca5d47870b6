package io.synlev.fastpath;

import io.synlev.datapath.FlowTable;
import io.synlev.datapath.FlowTimeouts;
import io.synlev.datapath.HeldPackets;
import io.synlev.dpdk.DpdkException;
import io.synlev.dpdk.Eal;
import io.synlev.dpdk.EalOptions;
import io.synlev.dpdk.Mbuf;
import io.synlev.dpdk.PacketPool;
import io.synlev.dpdk.PoolOptions;
import io.synlev.dpdk.Port;
import io.synlev.dpdk.PortOptions;
import io.synlev.dpdk.PortQueue;
import io.synlev.dpdk.Prefetch;
import io.synlev.dpdk.RingPort;
import io.synlev.dpdk.Workers;
import io.synlev.hash.Seed;
import io.synlev.memory.Memory;
import io.synlev.state.AdminState;
import io.synlev.state.Backend;
import io.synlev.state.Forwarding;
import io.synlev.state.HashOn;
import io.synlev.state.Health;
import io.synlev.state.Instance;
import io.synlev.state.InstanceSettings;
import io.synlev.state.MacAddress;
import io.synlev.state.Policy;
import io.synlev.state.PoolSettings;
import io.synlev.state.Prefix;
import io.synlev.state.Service;
import io.synlev.state.StateDirectory;
import io.synlev.steering.Steering;
import io.synlev.steering.SteeringOptions;
import io.synlev.steering.View;
import io.synlev.steering.Views;
import io.synlev.steering.fragment.FragmentOptions;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.net.Inet4Address;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * The loop between two rings, fed by its own thread: ns per packet, and with EpsilonGC the proof
 * that nothing is allocated. Twin of tests/peers/dpdkloop.c, which tells what the modes are.
 *
 * <p>With {@code -apart} behind the mode another thread feeds, on the processor before this one;
 * then {@code starved} is the share of time in which it found nothing, in the faster half of the
 * rounds: of 0.05 or more the feeder is measured.
 *
 * <p>Arguments: mode, packets in millions (negative: seconds), core, directory for the state.
 */
final class RingBench {

  private static final int PACKETS = 2048;
  private static final int FRAME = 64;
  private static final int BURST = 64;
  private static final int ROUND = 1024 * BURST;
  private static final int MBUF_BYTES = 128;
  private static final String APART = "-apart";
  private static final int VIP = 0xc0000201;
  private static final long MAC = 0x02cc_0000_0001L;

  private final PortQueue queue;
  private final PortQueue feeder;
  private final BurstLoop loop;
  private final boolean isIdle;
  private final boolean isApart;
  private final long table;
  private final long feederTable;
  private final long nearTable;
  private int gathered;

  /** For how long steps found nothing, in nanoseconds. */
  private long idle;

  private volatile boolean isOver;
  private long state = 88172645463325252L;

  private RingBench(Arena arena, PortQueue queue, PortQueue feeder, BurstLoop loop, String mode) {
    this.queue = queue;
    this.feeder = feeder;
    this.loop = loop;
    isIdle = mode.startsWith("none");
    isApart = mode.endsWith(APART);
    feederTable = arena.allocate(BURST * 8, 64).address();
    table = arena.allocate(BURST * 8, 64).address();
    nearTable = arena.allocate(BURST * 16, 64).address();
  }

  public static void main(String[] arguments) throws Exception {
    String mode = arguments[0];
    long amount = Long.parseLong(arguments[1]);
    int core = Integer.parseInt(arguments[2]);
    ConnectionOptions connections = connections(mode);
    int megabytes = 64 + connections.megabytes(1);
    Eal eal = Eal.start(EalOptions.of(List.of("net_ring")).withMegabytes(megabytes).withCore(core));
    StateDirectory directory = new StateDirectory(Path.of(arguments[3]), "bench");
    try (Instance instance = instance(directory, mode)) {
      Workers.register(eal, core);
      run(eal, instance, mode, amount, core, connections);
      Workers.unregister(eal);
    }
    Instance.delete(directory);
    eal.stop();
  }

  /** As the daemon's, but for the rate of new flows. */
  private static ConnectionOptions connections(String mode) {
    return new ConnectionOptions(
        mode.contains("-flows") ? ConnectionOptions.DEFAULT.flows() : 0, 0, FlowTimeouts.DEFAULT);
  }

  private static Instance instance(StateDirectory directory, String mode) {
    Instance instance = Instance.create(directory, new InstanceSettings(new Seed(1, 2), 0xffff));
    List<Backend> backends = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      backends.add(
          new Backend(
              "s" + i,
              101 + i,
              1,
              AdminState.ACTIVE,
              Health.UP,
              Inet4Address.ofLiteral("10.1.0." + i),
              null,
              new MacAddress(0x02bb_0000_0000L + i)));
    }
    PoolSettings pool = new PoolSettings("p", 65537, 100, Policy.MAGLEV, HashOn.TUPLE, 0);
    Forwarding forwarding = mode.startsWith("ipip") ? Forwarding.IPIP : Forwarding.L2DSR;
    instance.createPool(pool.with(forwarding), backends);
    Service service = new Service("s", "p", List.of(Prefix.parse("192.0.2.1/32")));
    instance.updateServices(_ -> List.of(service));
    return instance;
  }

  private static void run(
      Eal eal, Instance instance, String mode, long amount, int core, ConnectionOptions options)
      throws Exception {
    PacketPool pool = PacketPool.create(eal, "packets", new PoolOptions(4095, 256, 2048), -1);
    long in = RingPort.ring(eal, "in", 4096);
    long out = RingPort.ring(eal, "out", 4096);
    Views views = new Views(View.compile(instance, 1), 1);
    try (Connections connections = new Connections(eal, options, 1, -1);
        Arena arena = Arena.ofConfined();
        Port port = RingPort.over(eal, "loop", new long[] {in}, new long[] {out});
        Port feeder = RingPort.over(eal, "feeder", new long[] {out}, new long[] {in})) {
      for (Port each : List.of(port, feeder)) {
        each.configure(PortOptions.DEFAULT, pool);
        each.start();
      }
      Counters counters = connections.counters(0);
      ConnectionTable flows = connections.table(0);
      BurstLoop loop =
          new BurstLoop(
              arena,
              port.queue(0),
              port.queue(0),
              pool,
              BURST,
              16,
              new Forwarder(ForwardingOptions.DEFAULT, MAC, counters),
              false,
              counters,
              held -> steering(instance, views, flows, held));
      loop.join(neighbourhood(arena, port.queue(0), pool, counters));
      RingBench bench = new RingBench(arena, port.queue(0), feeder.queue(0), loop, mode);
      bench.putPackets(pool);
      Thread apart = bench.feedApart(eal, core);
      double[] rounds = new double[1 << 20];
      double[] idle = new double[rounds.length];
      int count = 0;
      long packets = 0;
      long begin = System.nanoTime();
      long last = begin;
      while (amount < 0 ? last - begin < -amount * 1_000_000_000L : packets < amount * 1_000_000L) {
        long round = bench.round();
        long time = System.nanoTime();
        rounds[count % rounds.length] = (double) (time - last) / round;
        idle[count++ % rounds.length] = (double) bench.takeIdle() / (time - last);
        packets += round;
        last = time;
      }
      bench.isOver = true;
      apart.join();
      long sent = bench.isIdle ? packets : counters.get(FastPathCounter.SENT);
      int kept = Math.min(count, rounds.length);
      // The first third is C1's and C2's.
      double[] warm = Arrays.copyOfRange(rounds, kept / 3, kept);
      print(mode, packets, sent, warm, Arrays.copyOfRange(idle, kept / 3, kept));
    }
    pool.close();
  }

  private static Steering steering(
      Instance instance, Views views, ConnectionTable flows, HeldPackets held) {
    return flows == null
        ? new Steering(instance, views, 0, SteeringOptions.DEFAULT, FlowTable.EMPTY)
        : new Steering(
            instance, views, 0, SteeringOptions.DEFAULT, flows, FragmentOptions.DEFAULT, held);
  }

  /** As the daemon has it, but without announcements: all packets are the feeder's. */
  private static Neighbourhood neighbourhood(
      Arena arena, PortQueue queue, PacketPool pool, Counters counters) {
    Neighbourhood.Link link = new Neighbourhood.Link(queue, MAC);
    return new Neighbourhood(
        arena,
        link,
        link,
        null,
        pool,
        new NeighbourTable(1024),
        true,
        NeighbourOptions.DEFAULT.withVips(false),
        BURST,
        false,
        counters);
  }

  private static void print(String mode, long packets, long sent, double[] warm, double[] idle) {
    double[] sorted = warm.clone();
    Arrays.sort(sorted);
    double median = sorted[sorted.length / 2];
    double starved =
        IntStream.range(0, warm.length)
            .filter(i -> warm[i] <= median)
            .mapToDouble(i -> idle[i])
            .average()
            .orElse(1);
    System.out.printf(
        Locale.ROOT,
        "{\"who\":\"java\",\"mode\":\"%s\",\"packets\":%d,\"sent\":%d,\"least\":%.2f,\"median\":%.2f,"
            + "\"starved\":%.3f}%n",
        mode,
        packets,
        sent,
        sorted[0],
        median,
        starved);
  }

  private void putPackets(PacketPool pool) {
    for (int i = 0; i < PACKETS; i++) {
      if (!pool.take(table, 1)) {
        throw new IllegalStateException("the pool is empty");
      }
      long mbuf = Memory.getLong(table);
      long frame = Mbuf.data(mbuf);
      for (int at = 0; at < FRAME; at++) {
        Memory.putByte(frame + at, (byte) 0);
      }
      Mbuf.setLength(mbuf, FRAME);
      Memory.putShortBe(frame + 12, (short) 0x0800);
      Memory.putIntBe(frame + 14, 0x45 << 24 | FRAME - 14);
      Memory.putIntBe(frame + 22, 64 << 24 | 17 << 16);
      Memory.putIntBe(frame + 26, 0x0a000000 + i);
      Memory.putIntBe(frame + 30, VIP);
      Memory.putIntBe(frame + 34, 80);
      Memory.putShortBe(frame + 38, (short) (FRAME - 34));
      if (feeder.send(table, 1) != 1) {
        throw new IllegalStateException("the ring is full");
      }
    }
  }

  private long round() {
    long packets = 0;
    long time = System.nanoTime();
    while (packets < ROUND) {
      int moved = isIdle ? move() : loop.step(time);
      packets += moved;
      long before = time;
      time = System.nanoTime();
      idle += moved == 0 ? time - before : 0;
      if (!isApart) {
        feed();
      }
    }
    return packets;
  }

  private long takeIdle() {
    long taken = idle;
    idle = 0;
    return taken;
  }

  /** A thread that feeds until the end, or one that does nothing. */
  private Thread feedApart(Eal eal, int core) {
    return Thread.ofPlatform()
        .start(
            () -> {
              try {
                Workers.register(eal, Math.max(0, core - 1));
                while (isApart && !isOver) {
                  feed();
                }
                Workers.unregister(eal);
              } catch (DpdkException e) {
                throw new UncheckedIOException(e);
              }
            });
  }

  private int move() {
    return queue.send(table, queue.receive(table, BURST));
  }

  /** Makes other flows of what was sent, and brings it back; what is far is fetched before. */
  private void feed() {
    gathered += feeder.receive(feederTable + 8L * gathered, BURST - gathered);
    if (isApart && gathered < BURST) {
      return; // small bursts back and forth would measure the way between processors
    }
    int count = gathered;
    gathered = 0;
    if (isApart) {
      fetch(count);
    }
    for (int i = 0; i < count; i++) {
      long mbuf = Memory.getLong(feederTable + 8L * i);
      Mbuf.setHeadroom(mbuf, Mbuf.HEADROOM);
      Mbuf.setLength(mbuf, FRAME);
      long frame = Mbuf.buffer(mbuf) + Mbuf.HEADROOM;
      state ^= state << 13;
      state ^= state >>> 7;
      state ^= state << 17;
      Memory.putInt(frame, 14 + 12, 0x0a | (int) state << 8 & 0x000fff00);
      Memory.putShort(frame, 14 + 20, (short) (state >>> 32 & 0xff));
      Memory.putByte(frame + 14 + 8, (byte) 64);
      Memory.putShortBe(frame, 12, (short) 0x0800); // where a tunnel header was
    }
    int ignored = feeder.send(feederTable, count);
  }

  /** The other processor has changed them: mbufs lie in front of their buffers. */
  private void fetch(int count) {
    for (int i = 0; i < count; i++) {
      long mbuf = Memory.getLong(feederTable + 8L * i);
      Memory.putLong(nearTable + 16L * i, mbuf);
      Memory.putLong(nearTable + 16L * i + 8, mbuf + MBUF_BYTES + Mbuf.HEADROOM);
    }
    Prefetch.all(nearTable, 2 * count);
  }
}

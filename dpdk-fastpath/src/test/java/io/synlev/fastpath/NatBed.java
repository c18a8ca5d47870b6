package io.synlev.fastpath;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
import io.synlev.datapath.FlowTimeouts;
import io.synlev.dpdk.Dpdk;
import io.synlev.dpdk.Eal;
import io.synlev.dpdk.PacketPool;
import io.synlev.dpdk.PoolOptions;
import io.synlev.dpdk.Workers;
import io.synlev.hash.Seed;
import io.synlev.nat.NatCounter;
import io.synlev.nat.NatOptions;
import io.synlev.state.Addresses;
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
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Workers that translate, between a link of clients and one of backends: 192.0.2.1 and
 * 2001:db8:1::1 lead to three backends, 10.1.0.10 to .12 and 2001:db8:f::10 to ::12, from 10.1.0.50
 * or 2001:db8:f::50. The workers take turns on the test's thread; time is the test's.
 */
final class NatBed implements AutoCloseable {

  static final String VIP = "192.0.2.1";
  static final String VIP6 = "2001:db8:1::1";
  static final String SOURCE = "10.1.0.50";
  static final String SOURCE6 = "2001:db8:f::50";
  static final int FIRST_PORT = 40000;
  static final int PORTS = 100;
  static final long CLIENTS_MAC = 0x02cc_0000_0001L;
  static final long BACKENDS_MAC = 0x02cc_0000_0002L;
  static final long FIRST_BACKEND_MAC = 0x02bb_0000_0000L;
  static final int BACKENDS = 3;

  private static final AtomicInteger SERIAL = new AtomicInteger();
  private static final NeighbourOptions NEIGHBOURS =
      NeighbourOptions.DEFAULT
          .withOwn(
              Inet4Address.ofLiteral("10.1.0.1"),
              24,
              (Inet6Address) Inet6Address.ofLiteral("2001:db8:f::1"),
              64)
          .withSources(List.of(Addresses.parse(SOURCE), Addresses.parse(SOURCE6)));
  private static final ForwardingOptions FORWARDING =
      ForwardingOptions.DEFAULT.withOwn(NEIGHBOURS.ownIpv4(), NEIGHBOURS.ownIpv6());

  final RingLink clients;
  final RingLink backends;
  final Connections connections;
  final NatSessions sessions;
  final Instance instance;

  /** What it has said by itself on the backends' link at its start. */
  final List<byte[]> announced;

  private final Eal eal = Dpdk.eal();
  private final Arena arena = Arena.ofConfined();
  private final PacketPool pool;
  private final Views views;
  private final Handovers handovers;
  private final List<BurstLoop> loops = new ArrayList<>();
  private final int workers;
  private final int buffers;
  private final NeighbourTable neighbours = new NeighbourTable(64);
  private long now = 5_000_000_000L;

  NatBed(Path directory, int workers, boolean hasTwoArms) throws Exception {
    this.workers = workers;
    String name = "nat" + SERIAL.getAndIncrement();
    Workers.register(eal, -1);
    pool = PacketPool.create(eal, name, new PoolOptions(4095, 32, 2048), -1);
    buffers = pool.available();
    instance =
        Instance.create(
            new StateDirectory(directory.resolve("state"), "t"),
            new InstanceSettings(new Seed(7, 8), 0xfff));
    List<Backend> members = new ArrayList<>();
    for (int i = 0; i < BACKENDS; i++) {
      members.add(backend(i));
    }
    instance.createPool(
        new PoolSettings("web", 997, 16, Policy.MAGLEV, HashOn.TUPLE, 0).with(Forwarding.NAT),
        members);
    instance.updateServices(
        _ ->
            List.of(
                new Service("web", "web", List.of(Prefix.parse(VIP + "/32"), Prefix.parse(VIP6)))));
    views = new Views(View.compile(instance, workers), workers);
    clients = new RingLink(eal, pool, name + "c", workers, CLIENTS_MAC);
    backends = hasTwoArms ? new RingLink(eal, pool, name + "b", workers, BACKENDS_MAC) : clients;
    handovers = new Handovers(workers);
    connections =
        new Connections(eal, new ConnectionOptions(1024, 0, FlowTimeouts.DEFAULT), workers, -1);
    sessions =
        new NatSessions(
            eal,
            new NatOptions(
                List.of(Prefix.parse(SOURCE), Prefix.parse(SOURCE6)),
                FIRST_PORT,
                FIRST_PORT + PORTS - 1,
                workers,
                1024,
                FlowTimeouts.DEFAULT,
                120),
            -1);
    for (int i = 0; i < workers; i++) {
      loops.add(loop(i));
    }
    run();
    announced = backends.sent(0);
    clients.sent(0);
    pass(2); // once more
    backends.sent(0);
    clients.sent(0);
  }

  static Backend backend(int number) {
    return new Backend(
        "b" + number,
        101 + number,
        1,
        AdminState.ACTIVE,
        Health.UP,
        Inet4Address.ofLiteral("10.1.0.1" + number),
        (Inet6Address) Inet6Address.ofLiteral("2001:db8:f::1" + number),
        new MacAddress(FIRST_BACKEND_MAC + number));
  }

  private BurstLoop loop(int worker) throws Exception {
    Counters counters = connections.counters(worker);
    Neighbourhood.Link in = clients.queues(worker);
    Neighbourhood.Link out = clients == backends ? in : backends.queues(worker);
    Neighbourhood neighbourhood =
        new Neighbourhood(
            arena, in, out, null, pool, neighbours, worker == 0, NEIGHBOURS, 64, false, counters);
    Forwarder forwarder = new Forwarder(FORWARDING, out.mac(), counters);
    forwarder.resolveWith(neighbourhood.resolver());
    BurstLoop loop =
        new BurstLoop(
            arena,
            in.queue(),
            out.queue(),
            pool,
            64,
            64,
            forwarder,
            false,
            counters,
            held ->
                new Steering(
                    instance,
                    views,
                    worker,
                    SteeringOptions.DEFAULT,
                    connections.table(worker),
                    new FragmentOptions(256, 200_000_000L, 64, 1 << 16),
                    held));
    Handover handover = handovers.of(worker, counters);
    NatPaths paths =
        new NatPaths(
            arena, in, out, pool, forwarder, neighbourhood, FORWARDING.mtu(), 64, counters);
    NatLane lane =
        new NatLane(arena, worker, sessions.tables(), forwarder, paths, pool, 64, counters);
    lane.join(handover);
    neighbourhood.join(lane);
    loop.join(neighbourhood);
    loop.join(handover);
    loop.join(lane);
    return loop;
  }

  /** Lets the workers take turns until nothing is left. */
  void run() {
    now = TwoWorkers.takeTurns(loops, now);
  }

  /** Bytes that a worker allocates while it deals with a packet and its reply, over and over. */
  long allocated(int rounds, byte[] asked, byte[] reply) throws Exception {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long allocated = 0;
    for (int round = 0; round < rounds; round++) {
      clients.arrive(0, asked);
      backends.arrive(0, reply);
      now += 1_000_000;
      long before = threads.getCurrentThreadAllocatedBytes();
      loops.getFirst().step(now);
      allocated += threads.getCurrentThreadAllocatedBytes() - before;
      assertEquals(1, clients.sent(0).size());
      assertEquals(1, backends.sent(0).size());
    }
    return allocated;
  }

  void pass(double seconds) {
    now += (long) (seconds * 1e9);
    run();
  }

  long now() {
    return now;
  }

  long counted(FastPathCounter counter) {
    return connections.sum(counter);
  }

  long counted(NatCounter counter) {
    return sessions.tables().counted(counter);
  }

  @Override
  public void close() throws IOException {
    loops.forEach(BurstLoop::close);
    handovers.free(pool);
    handovers.close();
    clients.close();
    if (backends != clients) {
      backends.close();
    }
    connections.close();
    sessions.close();
    assertEquals(buffers, pool.available(), "packet buffers that came back");
    pool.close();
    instance.close();
    arena.close();
    Workers.unregister(eal);
  }
}

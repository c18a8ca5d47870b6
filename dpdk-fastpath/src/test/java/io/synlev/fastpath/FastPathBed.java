package io.synlev.fastpath;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.synlev.datapath.BatchDecider;
import io.synlev.datapath.FlowTable;
import io.synlev.datapath.HeldPackets;
import io.synlev.dpdk.Dpdk;
import io.synlev.dpdk.Eal;
import io.synlev.dpdk.PacketPool;
import io.synlev.dpdk.PoolOptions;
import io.synlev.dpdk.Port;
import io.synlev.dpdk.PortOptions;
import io.synlev.dpdk.Workers;
import io.synlev.hash.FlowHash;
import io.synlev.hash.Seed;
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
import io.synlev.state.PoolSnapshot;
import io.synlev.state.Prefix;
import io.synlev.state.Service;
import io.synlev.state.StateDirectory;
import io.synlev.steering.Steering;
import io.synlev.steering.SteeringOptions;
import io.synlev.steering.View;
import io.synlev.steering.Views;
import io.synlev.steering.fragment.FragmentOptions;
import java.lang.foreign.Arena;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * An instance, and the fast path between capture files: what is in one comes out of others.
 *
 * <ul>
 *   <li>{@code near}: 192.0.2.1 and 2001:db8:1::1, l2dsr, ten backends with MACs
 *   <li>{@code far}: 198.51.100.1 and 2001:db8:2::1, ipip, ten backends with addresses of both
 *       families behind the router, the last one on the link
 *   <li>{@code six}: 203.0.113.1 and 2001:db8:3::1, ipip, ten backends with IPv6 addresses
 * </ul>
 */
final class FastPathBed implements AutoCloseable {

  static final long ROUTER = 0x02dd_0000_0001L;
  static final ForwardingOptions OPTIONS =
      ForwardingOptions.DEFAULT
          .withRouter(ROUTER)
          .withOwn(
              Inet4Address.ofLiteral("10.9.9.9"),
              (Inet6Address) Inet6Address.ofLiteral("2001:db8:9::9"));

  private static final Seed SEED = new Seed(0x1122_3344_5566_7788L, 0x99aa_bbcc_ddee_ff00L);
  static final int WORKERS = 2;

  private static final AtomicInteger SERIAL = new AtomicInteger();

  final Eal eal = Dpdk.eal();
  final Counters counters = new Counters();
  final PacketPool pool;
  final Instance instance;
  final Views views;
  private final Path directory;
  private final int serial = SERIAL.getAndIncrement();

  FastPathBed(Path directory) throws Exception {
    this.directory = directory;
    pool = PacketPool.create(eal, "bed" + serial, new PoolOptions(4095, 32, 2048), -1);
    instance =
        Instance.create(
            new StateDirectory(directory.resolve("state"), "t"), new InstanceSettings(SEED, 0xfff));
    pool("near", Forwarding.L2DSR, 101, true, false, false);
    pool("far", Forwarding.IPIP, 201, false, true, true);
    pool("six", Forwarding.IPIP, 301, false, false, true);
    instance.updateServices(
        _ ->
            List.of(
                service("near", "192.0.2.1/32", "2001:db8:1::1/128"),
                service("far", "198.51.100.1/32", "2001:db8:2::1/128"),
                service("six", "203.0.113.1/32", "2001:db8:3::1/128")));
    views = new Views(View.compile(instance, WORKERS), WORKERS);
  }

  private void pool(
      String name, Forwarding forwarding, int mark, boolean mac, boolean ipv4, boolean ipv6) {
    List<Backend> backends = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      boolean isOnLink = mac || i == 9;
      backends.add(
          new Backend(
              name + i,
              mark + i,
              1,
              AdminState.ACTIVE,
              Health.UP,
              ipv4 ? Inet4Address.ofLiteral("10.1.0." + (10 + i)) : null,
              ipv6 ? (Inet6Address) Inet6Address.ofLiteral("2001:db8:f::" + (10 + i)) : null,
              isOnLink ? new MacAddress(0x02bb_0000_0000L + mark + i) : null));
    }
    instance.createPool(
        new PoolSettings(name, 997, 16, Policy.MAGLEV, HashOn.TUPLE, 0).with(forwarding), backends);
  }

  private static Service service(String name, String... vips) {
    return new Service(name, name, Arrays.stream(vips).map(Prefix::parse).toList());
  }

  /** An independent reading of what should happen. */
  Model model(ForwardingOptions options, long mac) {
    Map<String, PoolSnapshot> pools = new HashMap<>();
    for (String name : List.of("near", "far", "six")) {
      int number = List.of("near", "far", "six").indexOf(name) + 1;
      String ipv4 = List.of("192.0.2.1", "198.51.100.1", "203.0.113.1").get(number - 1);
      for (String vip : List.of(ipv4, "2001:db8:" + number + "::1")) {
        String key = Arrays.toString(InetAddress.ofLiteral(vip).getAddress());
        pools.put(key, instance.snapshot(name));
      }
    }
    return new Model(pools, new FlowHash(SEED), options, mac);
  }

  /** What came out: of the port to the backends, and of the one to the clients. */
  record Out(List<byte[]> sent, List<byte[]> answered, long mac) {}

  BatchDecider withoutMemory(HeldPackets held) {
    return new Steering(instance, views, 0, SteeringOptions.DEFAULT, FlowTable.EMPTY);
  }

  BatchDecider withMemory(HeldPackets held) {
    return new Steering(
        instance,
        views,
        0,
        SteeringOptions.DEFAULT,
        FlowTable.EMPTY,
        new FragmentOptions(64, 200_000_000L, 16, 1 << 16),
        held);
  }

  /** Runs frames through, in bursts; every buffer must come back. */
  Out run(
      ForwardingOptions options,
      List<byte[]> frames,
      int burst,
      Function<HeldPackets, BatchDecider> deciders)
      throws Exception {
    Path in = directory.resolve("in.pcap");
    Path sent = directory.resolve("sent.pcap");
    Path answered = directory.resolve("answered.pcap");
    Pcap.write(in, frames);
    int before = pool.available();
    int run = SERIAL.getAndIncrement();
    long mac;
    Workers.register(eal, -1);
    try (Arena arena = Arena.ofConfined();
        Port client =
            Port.attach(eal, "net_pcap" + run + "c,rx_pcap=" + in + ",tx_pcap=" + answered);
        Port backend = Port.attach(eal, "net_pcap" + run + "b,tx_pcap=" + sent)) {
      for (Port port : List.of(client, backend)) {
        port.configure(PortOptions.DEFAULT, pool);
        port.start();
      }
      mac = backend.mac();
      BurstLoop loop =
          new BurstLoop(
              arena,
              client.queue(0),
              backend.queue(0),
              pool,
              burst,
              16,
              new Forwarder(options, mac, counters),
              false,
              counters,
              deciders);
      long now = 0;
      while (loop.step(now) > 0) {
        now += 1_000_000;
      }
      loop.close();
    } finally {
      Workers.unregister(eal);
    }
    assertEquals(before, pool.available(), "packet buffers that came back");
    return new Out(Pcap.read(sent), Pcap.read(answered), mac);
  }

  long counted(FastPathCounter counter) {
    return counters.get(counter);
  }

  @Override
  public void close() throws java.io.IOException {
    instance.close();
    pool.close();
  }
}

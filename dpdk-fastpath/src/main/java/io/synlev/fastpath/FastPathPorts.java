package io.synlev.fastpath;

import io.synlev.dpdk.DpdkException;
import io.synlev.dpdk.Eal;
import io.synlev.dpdk.PacketPool;
import io.synlev.dpdk.PoolOptions;
import io.synlev.dpdk.Port;
import io.synlev.dpdk.PortOptions;
import io.synlev.dpdk.PortQueue;
import io.synlev.state.Prefix;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** The ports of a datapath, with a pair of queues for each worker. One thread at a time. */
final class FastPathPorts {

  /** What waits for the kernel or comes from it is little. */
  private static final int KERNEL_DESCRIPTORS = 256;

  /** A pool whose port could not be closed stays: names differ. */
  private static final AtomicInteger POOLS = new AtomicInteger();

  private final Eal eal;
  private final int workers;
  private final List<Port> ports = new ArrayList<>();
  private final List<PacketPool> pools = new ArrayList<>();
  private final List<XdpFilter> filters = new ArrayList<>();
  private final Map<Port, Isolation> isolations = new LinkedHashMap<>();
  private Port in;
  private Port out;
  private Port kernel;

  FastPathPorts(Eal eal, int workers) {
    this.eal = eal;
    this.workers = workers;
  }

  /** Opens and starts all; after a failure {@link #close} closes what was opened. */
  void open(FastPathOptions options) throws IOException {
    in = filtered(options.port(), "in", options);
    out = in;
    if (!options.hasOneArm()) {
      out = filtered(options.outPort(), "out", options);
    }
    if (!options.exception().isEmpty()) {
      kernel =
          open(
              options.exceptionDevice(in.mac()),
              "kernel",
              new PoolOptions(2 * workers * (KERNEL_DESCRIPTORS + 256) - 1, 64, 2048),
              new PortOptions(workers, KERNEL_DESCRIPTORS, KERNEL_DESCRIPTORS, 0, false, false));
    }
  }

  /** Opens a port; with net_af_xdp, the kernel keeps what is not ours. */
  private Port filtered(String device, String role, FastPathOptions options) throws IOException {
    XdpFilter filter = options.isXdpFiltered() ? XdpFilter.of(device, options.neighbours()) : null;
    if (filter == null) {
      Isolation isolation = new Isolation(eal, options.isolation(), workers, sources(options));
      Port port = open(device, role, options.pool(), options.ports(), isolation);
      isolations.put(port, isolation);
      return port;
    }
    filters.add(filter);
    Port port = open(filter.device(), role, options.pool(), options.ports());
    filter.started();
    return port;
  }

  private Port open(String device, String role, PoolOptions buffers, PortOptions setup)
      throws DpdkException {
    return open(
        device, role, buffers, setup, new Isolation(eal, Isolation.Mode.OFF, workers, List.of()));
  }

  private Port open(
      String device, String role, PoolOptions buffers, PortOptions setup, Isolation isolation)
      throws DpdkException {
    Port port = Port.isPci(device) ? Port.named(eal, device) : Port.attach(eal, device);
    ports.add(port);
    String name = "synlev-" + role + POOLS.getAndIncrement();
    PacketPool pool = PacketPool.create(eal, name, buffers, port.socket());
    pools.add(pool);
    isolation.before(port);
    port.configure(setup, pool);
    port.start();
    isolation.started();
    return port;
  }

  private static List<Prefix> sources(FastPathOptions options) {
    return options.nat() == null ? List.of() : options.nat().sources();
  }

  /** A worker's queues to the clients. */
  Neighbourhood.Link in(int worker) throws DpdkException {
    return new Neighbourhood.Link(in.queue(worker), in.mac());
  }

  /** Whether backends are where clients are. */
  boolean hasOneArm() {
    return in == out;
  }

  /** A worker's queues to the backends. */
  Neighbourhood.Link out(int worker) throws DpdkException {
    return new Neighbourhood.Link(out.queue(worker), out.mac());
  }

  /** A worker's queues to the kernel, or null. */
  PortQueue kernel(int worker) throws DpdkException {
    return kernel == null ? null : kernel.queue(worker);
  }

  /** Where packets from the clients are. */
  PacketPool pool() {
    return pools.getFirst();
  }

  /** The NUMA node of the port to the clients, or -1 if it is on none. */
  int socket() throws DpdkException {
    return in.socket();
  }

  /** Takes over whom the kernel knows on their links. */
  void takeNeighbours(NeighbourTable table, int most, long nowNanos) {
    KernelNeighbours.take(table, in.info().interfaceIndex(), most, nowNanos);
    if (out != in) {
      KernelNeighbours.take(table, out.info().interfaceIndex(), most, nowNanos);
    }
  }

  /** What brings them packets to services. */
  List<VipFollower> followers() {
    List<VipFollower> all = new ArrayList<>(filters);
    all.addAll(isolations.values());
    return all;
  }

  /** How packets to services come to a port and others do not, for people. */
  String isolation(Port port, FastPathOptions options) {
    Isolation isolation = isolations.get(port);
    if (isolation == null) {
      return filters.isEmpty() || port == kernel
          ? "none: the way to and from the kernel"
          : "XDP program synlev_xdp; all other packets stay with the kernel";
    }
    if (!isolation.describe().isEmpty()) {
      return isolation.describe();
    }
    String rest =
        options.leavesCopies()
            ? "the kernel gets a copy of every packet, and its rules must drop those to services"
                + (options.nat() == null ? "" : " and to nat-sources")
            : options.exception().isEmpty()
                ? "what is not for services or us is dropped"
                : "what is not for services or us goes to the kernel by " + options.exception();
    return "software, as rte_flow is refused (%s); %s".formatted(isolation.refusal(), rest);
  }

  List<Port> all() {
    return ports;
  }

  /** Closes all; workers must have ended. */
  void close() throws IOException {
    try {
      for (Port port : ports) {
        port.close();
      }
      for (PacketPool pool : pools) {
        pool.close();
      }
    } finally {
      for (XdpFilter filter : filters) {
        filter.close();
      }
    }
  }
}

package io.synlev.steering;

import io.synlev.datapath.Reason;
import io.synlev.packet.FlowBurst;
import io.synlev.packet.FlowKey;
import io.synlev.packet.PacketHeaders;
import io.synlev.state.Configuration;
import io.synlev.state.HashOn;
import io.synlev.state.Instance;
import io.synlev.state.NoBackend;
import io.synlev.state.Pool;
import io.synlev.state.PoolCursor;
import io.synlev.state.Prefix;
import io.synlev.state.Service;
import io.synlev.state.StateException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An instance's services and pools, compiled for looking up: which service a packet is for, and
 * each worker's look at that service's pool.
 *
 * <p>Immutable but for the cursors, of which each belongs to one worker. It holds addresses of the
 * instance's pools: {@link Views#swap} tells when nobody uses them any more. Backends and their
 * states are not in it; those are read from shared memory all the time.
 */
public final class View {

  /** What {@link Match#service} says when the packet is nobody's. */
  static final int NO_SERVICE = -1;

  private static final PacketClass[] CLASSES = PacketClass.values();

  private final long generation;
  private final List<Service> services;
  private final List<Prefix> vips;
  private final ServiceTable[] ipv4;
  private final ServiceTable[] ipv6;
  private final Target[][] targets;
  private final PoolCursor[][] cursors;

  /** By worker, the pool of balancers; null where there is none. */
  private final PoolCursor[] balancers;

  private View(Configuration configuration, Instance instance, int workers) {
    generation = configuration.generation();
    services = configuration.services();
    vips = services.stream().flatMap(service -> service.vips().stream()).distinct().toList();
    ipv4 = tables(false);
    ipv6 = tables(true);
    targets = new Target[workers][];
    cursors = new PoolCursor[workers][];
    balancers = new PoolCursor[workers];
    Pool tier = tier(configuration, instance);
    for (int worker = 0; worker < workers; worker++) {
      targets[worker] = targets(instance, worker);
      balancers[worker] = tier == null ? null : tier.cursor(worker);
    }
  }

  /** The pool with an own fwmark; of several, which magctl does not let be, the first by name. */
  private static Pool tier(Configuration configuration, Instance instance) {
    for (Configuration.PoolFile file : configuration.pools()) {
      Pool pool = instance.pool(file.name());
      if (pool.settings().ownFwmark() != 0) {
        return pool;
      }
    }
    return null;
  }

  private ServiceTable[] tables(boolean isIpv6) {
    ServiceTable[] tables = new ServiceTable[CLASSES.length];
    for (PacketClass packets : CLASSES) {
      tables[packets.ordinal()] =
          new ServiceTable(isIpv6, RuleExpansion.rules(services, packets, isIpv6));
    }
    return tables;
  }

  private Target[] targets(Instance instance, int worker) {
    // Services that share a pool share the cursor, so it is refreshed once.
    record Placed(PoolCursor cursor, int place) {}
    Map<String, Placed> byPool = new LinkedHashMap<>();
    record Key(String pool, HashOn on, NoBackend noBackend) {}
    Map<Key, Target> shared = new HashMap<>();
    Target[] all = new Target[services.size()];
    for (int i = 0; i < all.length; i++) {
      Service service = services.get(i);
      HashOn on = service.handling().hashOn();
      NoBackend noBackend = service.handling().noBackend();
      Placed pool =
          byPool.computeIfAbsent(
              service.pool(),
              name -> new Placed(instance.pool(name).cursor(worker), byPool.size()));
      all[i] =
          shared.computeIfAbsent(
              new Key(service.pool(), on, noBackend),
              _ -> new Target(pool.cursor(), pool.place(), on, Outcome.of(noBackend)));
    }
    cursors[worker] = byPool.values().stream().map(Placed::cursor).toArray(PoolCursor[]::new);
    return all;
  }

  /**
   * Compiles the configuration in force. Attaches to pools, so it may block and allocate: for the
   * control thread.
   *
   * @param workers how many workers will use it, numbered from 0
   * @throws StateException if a pool cannot be attached
   */
  public static View compile(Instance instance, int workers) {
    while (true) {
      Configuration configuration = instance.configuration();
      try {
        View view = new View(configuration, instance, workers);
        // Otherwise a pool that was made anew meanwhile would be looked at with older services.
        if (instance.configurationGeneration() == configuration.generation()) {
          return view;
        }
      } catch (StateException e) {
        // A pool that went while we were looking; only then is the next try worth while.
        if (instance.configurationGeneration() == configuration.generation()) {
          throw e;
        }
      }
    }
  }

  /** The number of the configuration that was compiled. */
  public long generation() {
    return generation;
  }

  /** How many workers may use it. */
  int workers() {
    return targets.length;
  }

  /**
   * Finds the service that a packet is for.
   *
   * @param headers of a packet in one piece or of a first fragment, its ports known; services may
   *     ask for bytes of the transport header. Of a packet that an error quotes, ports are looked
   *     at the other way round, and bytes not at all: its header is one of the other direction.
   * @param match where the result goes
   * @return whether there is one
   */
  boolean match(PacketHeaders headers, Match match) {
    return find(PacketClass.of(headers.kind), headers, match);
  }

  /**
   * Finds the service for a packet of which nothing behind the addresses is known but, perhaps, the
   * protocol: a later fragment, or one whose headers are cut. Ports and bytes that services ask for
   * are left out of account.
   */
  boolean matchWithoutPorts(PacketHeaders headers, Match match) {
    return find(PacketClass.withoutPorts(headers.flow), headers, match);
  }

  private boolean find(PacketClass packets, PacketHeaders headers, Match match) {
    FlowKey flow = headers.flow;
    match.ports = flow.ports;
    match.protocol = flow.protocol;
    match.sctpOverUdp = false;
    match.byBytes = false;
    match.cut = false;
    ServiceTable[] tables = flow.family == FlowKey.IPV4 ? ipv4 : ipv6;
    int service = tables[packets.ordinal()].find(headers, match);
    if (service >= 0) {
      match.service = service;
      match.reason = Reason.UNDECIDED;
      return true;
    }
    match.service = NO_SERVICE;
    match.reason = reason(tables, packets, flow, service);
    return false;
  }

  /**
   * The service of a flow if it is certain whatever else its packets hold, otherwise a negative
   * number: then {@link #match} knows.
   */
  int certain(FlowBurst flows, int index) {
    int port = flows.ports[index] & 0xffff;
    PacketClass packets = PacketClass.ofProtocol(flows.protocol[index]);
    return flows.family[index] == FlowKey.IPV4
        ? ipv4[packets.ordinal()].certain(0, flows.destinationLow[index], port)
        : ipv6[packets.ordinal()].certain(
            flows.destinationHigh[index], flows.destinationLow[index], port);
  }

  private static Reason reason(
      ServiceTable[] tables, PacketClass packets, FlowKey flow, int notFound) {
    if (notFound == ServiceTable.UNFIT) {
      return Reason.NO_SERVICE_FOR_SOURCE;
    }
    if (!tables[PacketClass.ANY.ordinal()].hasAddress(flow)) {
      return Reason.NO_SERVICE;
    }
    return packets.knowsPorts() && tables[packets.withoutPorts().ordinal()].hasAddress(flow)
        ? Reason.NO_SERVICE_FOR_PORT
        : Reason.NO_SERVICE_FOR_PROTOCOL;
  }

  /** The services, in the order of their indices in decisions. */
  public List<Service> services() {
    return services;
  }

  /** The destinations of all services, each once. */
  public List<Prefix> vips() {
    return vips;
  }

  /** A worker's look at the pool of balancers, or null if there is none. */
  PoolCursor balancers(int worker) {
    return balancers[worker];
  }

  /** Where a worker finds the backends of each service. */
  Target[] targets(int worker) {
    return targets[worker];
  }

  /** Where a worker finds the backends of a service. */
  Target target(int worker, int service) {
    return targets[worker][service];
  }

  /** A worker's looks at all pools that services use, each once. */
  PoolCursor[] cursors(int worker) {
    return cursors[worker];
  }
}

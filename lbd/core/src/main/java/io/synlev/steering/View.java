package io.synlev.steering;

import io.synlev.packet.FlowKey;
import io.synlev.state.Configuration;
import io.synlev.state.Instance;
import io.synlev.state.PoolCursor;
import io.synlev.state.Prefix;
import io.synlev.state.Service;
import io.synlev.state.StateException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * An instance's services and pools, compiled for looking up: which service has a destination
 * address, and each worker's look at that service's pool.
 *
 * <p>Immutable but for the cursors, of which each belongs to one worker. It holds addresses of the
 * instance's pools: {@link Views#swap} tells when nobody uses them any more. Backends and their
 * states are not in it; those are read from shared memory all the time.
 */
public final class View {

  /** What {@link #service} answers when the destination is nobody's. */
  static final int NO_SERVICE = PrefixTable.NONE;

  private final long generation;
  private final List<Service> services;
  private final PrefixTable ipv4;
  private final PrefixTable ipv6;
  private final PoolCursor[][] cursors;

  private View(Configuration configuration, Instance instance, int workers) {
    generation = configuration.generation();
    services = configuration.services();
    ipv4 = new PrefixTable(32, rules(false));
    ipv6 = new PrefixTable(128, rules(true));
    cursors = new PoolCursor[workers][];
    for (int worker = 0; worker < workers; worker++) {
      cursors[worker] = cursors(instance, worker);
    }
  }

  private PoolCursor[] cursors(Instance instance, int worker) {
    // Services that share a pool share the cursor, so it is refreshed once.
    Map<String, PoolCursor> byPool = new HashMap<>();
    return services.stream()
        .map(Service::pool)
        .map(name -> byPool.computeIfAbsent(name, _ -> instance.pool(name).cursor(worker)))
        .toArray(PoolCursor[]::new);
  }

  private List<PrefixTable.Rule> rules(boolean isIpv6) {
    List<PrefixTable.Rule> rules = new ArrayList<>();
    for (int i = 0; i < services.size(); i++) {
      for (Prefix vip : services.get(i).vips()) {
        if (vip.ipv6() == isIpv6) {
          rules.add(new PrefixTable.Rule(vip.high(), vip.low(), vip.length(), i));
        }
      }
    }
    return rules;
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
        return new View(configuration, instance, workers);
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
    return cursors.length;
  }

  /** The index of the service that has a flow's destination address, or {@link #NO_SERVICE}. */
  int service(FlowKey flow) {
    PrefixTable table = flow.family == FlowKey.IPV4 ? ipv4 : ipv6;
    return table.find(flow.destinationHigh, flow.destinationLow);
  }

  /** The service at an index that {@link #service} returned. */
  Service serviceAt(int service) {
    return services.get(service);
  }

  /** A worker's look at the pool of a service. */
  PoolCursor cursor(int worker, int service) {
    return cursors[worker][service];
  }
}

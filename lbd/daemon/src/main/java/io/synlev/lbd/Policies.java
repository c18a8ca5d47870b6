package io.synlev.lbd;

import io.synlev.state.Configuration;
import io.synlev.state.Configuration.PoolFile;
import io.synlev.state.Instance;
import io.synlev.state.Policy;
import io.synlev.state.PoolSettings;
import io.synlev.state.Prefix;
import io.synlev.state.Service;
import io.synlev.state.StateException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Which pools a datapath can serve. */
final class Policies {
  private Policies() {}

  /**
   * Refuses an instance with pools that a datapath cannot serve.
   *
   * @param datapath null for queues
   * @throws StateException naming the first such pool and the remedy
   */
  static void requireServable(Instance instance, DatapathSettings datapath) {
    if (datapath == null) {
      requireWithoutTurns(instance);
    } else {
      requireNoObjection(instance, datapath);
    }
  }

  /**
   * Refuses pools that give new flows out by turns or by the backends' load: with queues every
   * packet of a flow asks the table anew, so its packets would go to several.
   *
   * @throws StateException naming the first such pool
   */
  private static void requireWithoutTurns(Instance instance) {
    for (PoolFile file : instance.configuration().pools()) {
      Policy policy = instance.snapshot(file.name()).settings().policy();
      if (policy.needsFlows()) {
        throw new StateException(
            "pool '"
                + file.name()
                + "' has policy "
                + policy.label()
                + ", which needs a datapath that remembers flows: start lbd"
                + " with --datapath dpdk, or make the pool with policy maglev");
      }
    }
  }

  /**
   * Refuses pools that a datapath cannot serve as it was set up.
   *
   * @throws StateException naming the first such pool and the remedy
   */
  private static void requireNoObjection(Instance instance, DatapathSettings datapath) {
    Configuration configuration = instance.configuration();
    Map<String, List<Prefix>> vips = new HashMap<>();
    for (Service service : configuration.services()) {
      vips.computeIfAbsent(service.pool(), _ -> new ArrayList<>()).addAll(service.vips());
    }
    Map<PoolSettings, List<Prefix>> pools = new LinkedHashMap<>();
    for (PoolFile file : configuration.pools()) {
      PoolSettings pool = instance.snapshot(file.name()).settings();
      pools.put(pool, vips.getOrDefault(pool.name(), List.of()));
    }
    datapath
        .objection(pools)
        .ifPresent(
            objection -> {
              throw new StateException(objection);
            });
  }
}

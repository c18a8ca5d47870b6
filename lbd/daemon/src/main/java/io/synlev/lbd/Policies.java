package io.synlev.lbd;

import io.synlev.state.Configuration.PoolFile;
import io.synlev.state.Instance;
import io.synlev.state.Policy;
import io.synlev.state.PoolSettings;
import io.synlev.state.Prefix;
import io.synlev.state.StateException;
import java.util.List;

/** Which pools a datapath can serve. */
final class Policies {
  private Policies() {}

  /**
   * Refuses pools that give new flows out by turns or by the backends' load: with queues every
   * packet of a flow asks the table anew, so its packets would go to several.
   *
   * @throws StateException naming the first such pool
   */
  static void requireWithoutTurns(Instance instance) {
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
  static void requireNoObjection(Instance instance, DatapathSettings datapath) {
    for (PoolFile file : instance.configuration().pools()) {
      List<Prefix> vips =
          instance.configuration().services().stream()
              .filter(service -> service.pool().equals(file.name()))
              .flatMap(service -> service.vips().stream())
              .toList();
      PoolSettings pool = instance.snapshot(file.name()).settings();
      datapath
          .objection(pool, vips)
          .ifPresent(
              objection -> {
                throw new StateException("pool '" + pool.name() + "' " + objection);
              });
    }
  }
}

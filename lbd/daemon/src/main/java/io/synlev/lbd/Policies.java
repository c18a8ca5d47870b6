package io.synlev.lbd;

import io.synlev.state.Configuration.PoolFile;
import io.synlev.state.Instance;
import io.synlev.state.Policy;
import io.synlev.state.StateException;

/** Which pools' policies a datapath can follow. */
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
}

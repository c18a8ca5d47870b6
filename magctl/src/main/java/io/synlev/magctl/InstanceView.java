package io.synlev.magctl;

import io.synlev.state.Configuration;
import io.synlev.state.DaemonRecord;
import io.synlev.state.HealthCheck;
import io.synlev.state.Instance;
import io.synlev.state.PoolSnapshot;
import io.synlev.state.Service;
import io.synlev.state.StateDirectory;
import io.synlev.state.StateException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What show shows.
 *
 * @param directory where it lives
 * @param markMask its mask
 * @param daemon who serves it, or served it last
 * @param pools the generations in force
 * @param services the services of those pools
 * @param checks how backends are checked, by pool
 */
record InstanceView(
    StateDirectory directory,
    int markMask,
    DaemonRecord daemon,
    List<PoolSnapshot> pools,
    List<Service> services,
    Map<String, HealthCheck> checks) {

  /**
   * Looks at an instance.
   *
   * @param only names of the pools to look at; all if empty
   * @throws StateException if there is no such pool
   */
  static InstanceView of(Instance instance, List<String> only) {
    for (String name : only) {
      PoolCommand.requirePool(instance, name);
    }
    Configuration configuration = instance.configuration();
    List<PoolSnapshot> pools = new ArrayList<>();
    for (String name : PoolCommand.poolNames(configuration)) {
      if (only.isEmpty() || only.contains(name)) {
        addPool(instance, name, pools);
      }
    }
    List<Service> services = new ArrayList<>();
    for (Service service : configuration.services()) {
      if (only.isEmpty() || only.contains(service.pool())) {
        services.add(service);
      }
    }
    return new InstanceView(
        instance.directory(),
        instance.settings().markMask(),
        instance.daemon(),
        pools,
        services,
        configuration.checks());
  }

  private static void addPool(Instance instance, String name, List<PoolSnapshot> pools) {
    try {
      pools.add(instance.snapshot(name));
    } catch (StateException e) {
      // Somebody may have deleted it since we read the configuration; then it is not to be shown.
      if (instance.configuration().pool(name).isPresent()) {
        throw e;
      }
    }
  }
}

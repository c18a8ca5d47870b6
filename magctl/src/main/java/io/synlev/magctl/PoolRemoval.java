package io.synlev.magctl;

import io.synlev.state.Instance;
import io.synlev.state.Service;
import io.synlev.state.StateException;
import java.util.ArrayList;
import java.util.List;

/** Deletes pools, all or none. */
final class PoolRemoval {
  private PoolRemoval() {}

  /**
   * Deletes them.
   *
   * @param withServices whether services that name them are removed too
   * @throws StateException if one is unknown, or a service names it and shall stay
   */
  static void run(Instance instance, List<String> names, boolean withServices) {
    for (String name : names) {
      PoolCommand.requirePool(instance, name);
    }
    List<Service> users = new ArrayList<>();
    for (Service service : instance.configuration().services()) {
      if (names.contains(service.pool())) {
        users.add(service);
      }
    }
    if (!users.isEmpty() && !withServices) {
      Service user = users.getFirst();
      throw new StateException(
          "service '"
              + user.name()
              + "' uses pool '"
              + user.pool()
              + "': remove it first, or use --services to remove both");
    }
    if (!users.isEmpty()) {
      instance.updateServices(
          before -> {
            List<Service> after = new ArrayList<>(before);
            after.removeIf(service -> names.contains(service.pool()));
            return after;
          });
    }
    for (String name : names) {
      instance.deletePool(name);
    }
  }
}

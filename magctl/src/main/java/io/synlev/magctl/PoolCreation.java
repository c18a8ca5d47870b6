package io.synlev.magctl;

import io.synlev.hash.Seed;
import io.synlev.state.Backend;
import io.synlev.state.Instance;
import io.synlev.state.InstanceSettings;
import io.synlev.state.PoolSettings;
import io.synlev.state.Service;
import io.synlev.state.StateDirectory;
import io.synlev.state.StateException;
import java.util.ArrayList;
import java.util.List;

/** Creates a pool, the instance it needs and the service that was asked for: all or nothing. */
final class PoolCreation {
  private final StateDirectory directory;
  private final Seed seed;
  private final Integer markMask;
  private final String group;
  private final PoolSettings settings;
  private final List<BackendSpec> specs;
  private final int firstMark;
  private final Service service;

  private boolean instanceCreated;
  private List<Backend> backends;
  private Confirmation confirmation;

  /**
   * What to do.
   *
   * @param seed the seed that was given, or null
   * @param markMask the mask that was given, or null
   * @param group the group that was given, or null
   * @param firstMark the lowest fwmark to give out
   * @param service the service to create, or null
   */
  PoolCreation(
      StateDirectory directory,
      Seed seed,
      Integer markMask,
      String group,
      PoolSettings settings,
      List<BackendSpec> specs,
      int firstMark,
      Service service) {
    this.directory = directory;
    this.seed = seed;
    this.markMask = markMask;
    this.group = group;
    this.settings = settings;
    this.specs = specs;
    this.firstMark = firstMark;
    this.service = service;
  }

  /**
   * Does it.
   *
   * @throws StateException if a part of it cannot be done; what was done before is undone
   */
  void run() {
    Instance instance = openOrCreate();
    boolean done = false;
    try {
      createIn(instance);
      done = true;
    } finally {
      instance.close();
      if (!done && instanceCreated) {
        Instance.delete(directory);
      }
    }
  }

  private Instance openOrCreate() {
    if (!directory.exists()) {
      try {
        Instance instance =
            Instance.create(
                directory,
                new InstanceSettings(
                    seed == null ? Seed.random() : seed,
                    markMask == null ? InstanceSettings.DEFAULT_MARK_MASK : markMask));
        instanceCreated = true;
        return instance;
      } catch (StateException e) {
        // Another creator may have been faster; then its instance is ours too.
        if (!directory.exists()) {
          throw e;
        }
      }
    }
    Instance instance = Instance.open(directory);
    try {
      checkSame(instance.settings());
      return instance;
    } catch (StateException e) {
      instance.close();
      throw e;
    }
  }

  /** Seed and mask belong to the instance and are not changed by another pool. */
  private void checkSame(InstanceSettings existing) {
    String remedy = ": leave it out, or create another instance with --instance";
    if (seed != null && !seed.equals(existing.seed())) {
      throw new StateException(
          "instance '" + directory.instance() + "' has another seed than the one given" + remedy);
    }
    if (markMask != null && markMask != existing.markMask()) {
      throw new StateException(
          "instance '"
              + directory.instance()
              + "' has mark mask "
              + Text.hex(existing.markMask())
              + ", not "
              + Text.hex(markMask)
              + remedy);
    }
  }

  private void createIn(Instance instance) {
    if (settings.ownFwmark() != 0) {
      instance.settings().checkMark(settings.ownFwmark());
      checkOnlyTier(instance);
    }
    backends =
        BackendSpec.toBackends(specs, new BackendFields(), new FreeMarks(instance, firstMark));
    if (group != null) {
      directory.setGroup(group);
    }
    instance.createPool(settings, backends);
    if (service != null) {
      addService(instance);
    }
    confirmation = Confirmation.ask(instance);
  }

  /** A balancer is in one tier: fragments have one owner. */
  private void checkOnlyTier(Instance instance) {
    for (String name : PoolCommand.poolNames(instance.configuration())) {
      if (instance.pool(name).settings().ownFwmark() != 0) {
        throw new StateException(
            "pool '"
                + name
                + "' has an own fwmark, so it is the pool of balancers already: leave --own-fwmark"
                + " out, or delete that one before");
      }
    }
  }

  private void addService(Instance instance) {
    try {
      instance.updateServices(
          before -> {
            List<Service> after = new ArrayList<>(before);
            after.add(service);
            return after;
          });
    } catch (StateException e) {
      instance.deletePool(settings.name());
      throw e;
    }
  }

  StateDirectory directory() {
    return directory;
  }

  boolean instanceCreated() {
    return instanceCreated;
  }

  boolean seedWasRandom() {
    return instanceCreated && seed == null;
  }

  PoolSettings settings() {
    return settings;
  }

  List<Backend> backends() {
    return backends;
  }

  Service service() {
    return service;
  }

  /** What the daemon said. */
  Confirmation confirmation() {
    return confirmation;
  }
}

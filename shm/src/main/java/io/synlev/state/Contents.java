package io.synlev.state;

import io.synlev.maglev.NameOrder;
import io.synlev.state.Configuration.PoolFile;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * All that an instance was told besides its {@link InstanceSettings}: what a configuration file
 * says, and what {@link Instance#replace} changes as a whole.
 *
 * @param pools by name
 * @param services by name
 */
public record Contents(List<PoolContents> pools, List<Service> services) {
  /** Nothing at all, as after {@link Instance#create}. */
  public static final Contents EMPTY = new Contents(List.of(), List.of());

  /**
   * A pool and its backends.
   *
   * @param settings what of it never changes
   * @param backends by name, s2 before s10
   * @param check how its backends are checked, or null
   */
  public record PoolContents(PoolSettings settings, List<Backend> backends, HealthCheck check) {
    public PoolContents {
      backends =
          backends.stream()
              .sorted(Comparator.comparing(Backend::name, NameOrder.INSTANCE))
              .toList();
    }

    /** A pool whose backends are not checked. */
    public PoolContents(PoolSettings settings, List<Backend> backends) {
      this(settings, backends, null);
    }

    /** Whether only the check is another one, so that nothing of the pool's file is. */
    boolean isSamePool(PoolContents other) {
      return settings.equals(other.settings) && backends.equals(other.backends);
    }

    public String name() {
      return settings.name();
    }

    /** The backend of a name, if there is one. */
    public Optional<Backend> backend(String name) {
      return backends.stream().filter(backend -> backend.name().equals(name)).findFirst();
    }
  }

  public Contents {
    pools = pools.stream().sorted(Comparator.comparing(PoolContents::name)).toList();
    services = services.stream().sorted(Comparator.comparing(Service::name)).toList();
  }

  /** The pool of a name, if there is one. */
  public Optional<PoolContents> pool(String name) {
    return pools.stream().filter(pool -> pool.name().equals(name)).findFirst();
  }

  /** Copies an instance. Pools that come or go meanwhile make it look again. */
  static Contents of(Instance instance) {
    while (true) {
      Configuration configuration = instance.configuration();
      try {
        List<PoolContents> pools = new ArrayList<>();
        for (PoolFile file : configuration.pools()) {
          HealthCheck check = configuration.check(file.name()).orElse(null);
          pools.add(instance.look(file.name(), pool -> of(pool, check)));
        }
        if (instance.configurationGeneration() == configuration.generation()) {
          return new Contents(pools, configuration.services());
        }
      } catch (StateException e) {
        if (instance.configurationGeneration() == configuration.generation()) {
          throw e;
        }
      }
    }
  }

  private static PoolContents of(Pool pool, HealthCheck check) {
    return new PoolContents(pool.settings(), pool.members(), check);
  }
}

package io.synlev.state;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Which pools, services and health checks an instance has. Published as one.
 *
 * @param generation its number; grows with every change
 * @param pools by name
 * @param services by name
 * @param checks by the name of the pool whose backends are checked
 */
public record Configuration(
    long generation,
    List<PoolFile> pools,
    List<Service> services,
    Map<String, HealthCheck> checks) {
  /**
   * A pool's file.
   *
   * @param name the pool's name
   * @param inode tells a file from its replacement
   * @param bytes its length
   */
  public record PoolFile(String name, long inode, long bytes) {
    /** Describes a file that exists. */
    static PoolFile of(String name, Path file) {
      try {
        FileFacts facts = FileFacts.of(file);
        return new PoolFile(name, facts.inode(), facts.bytes());
      } catch (IOException e) {
        throw new StateException("cannot look at " + file + ": " + e, e);
      }
    }
  }

  static final Configuration EMPTY = new Configuration(0, List.of(), List.of(), Map.of());

  public Configuration {
    pools = List.copyOf(pools);
    services = List.copyOf(services);
    checks = Collections.unmodifiableMap(new TreeMap<>(checks));
  }

  /** Without health checks. */
  public Configuration(long generation, List<PoolFile> pools, List<Service> services) {
    this(generation, pools, services, Map.of());
  }

  /** How the backends of a pool are checked, if they are. */
  public Optional<HealthCheck> check(String pool) {
    return Optional.ofNullable(checks.get(pool));
  }

  /** The file of a pool, if there is such a pool. */
  public Optional<PoolFile> pool(String name) {
    for (PoolFile pool : pools) {
      if (pool.name().equals(name)) {
        return Optional.of(pool);
      }
    }
    return Optional.empty();
  }

  /** This configuration with one pool more; whoever publishes it gives it its generation. */
  Configuration withPool(PoolFile pool) {
    List<PoolFile> more = new ArrayList<>(pools);
    more.add(pool);
    more.sort(Comparator.comparing(PoolFile::name));
    return new Configuration(0, more, services, checks);
  }

  /**
   * This configuration without a pool and its check; whoever publishes it gives it its generation.
   */
  Configuration withoutPool(String name) {
    List<PoolFile> fewer = new ArrayList<>(pools);
    fewer.removeIf(pool -> pool.name().equals(name));
    return new Configuration(0, fewer, services, with(name, null));
  }

  /** This configuration with other services; whoever publishes it gives it its generation. */
  Configuration withServices(List<Service> others) {
    return new Configuration(0, pools, others, checks);
  }

  /** This configuration with a pool's check, or without if it is null. */
  Configuration withCheck(String pool, HealthCheck check) {
    return new Configuration(0, pools, services, with(pool, check));
  }

  private Map<String, HealthCheck> with(String pool, HealthCheck check) {
    Map<String, HealthCheck> all = new TreeMap<>(checks);
    if (check == null) {
      all.remove(pool);
    } else {
      all.put(pool, check);
    }
    return all;
  }
}

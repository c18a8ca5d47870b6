package io.synlev.state;

import java.util.List;
import java.util.Optional;

/**
 * Which pools and services an instance has. Published as one.
 *
 * @param generation its number; grows with every change
 * @param pools by name
 * @param services by name
 */
public record Configuration(long generation, List<PoolFile> pools, List<Service> services) {
  /**
   * A pool's file.
   *
   * @param name the pool's name
   * @param inode tells a file from its replacement
   * @param bytes its length
   */
  public record PoolFile(String name, long inode, long bytes) {}

  public Configuration {
    pools = List.copyOf(pools);
    services = List.copyOf(services);
  }

  /** The file of a pool, if there is such a pool. */
  public Optional<PoolFile> pool(String name) {
    return pools.stream().filter(pool -> pool.name().equals(name)).findFirst();
  }
}

package io.synlev.state;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
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

  static final Configuration EMPTY = new Configuration(0, List.of(), List.of());

  public Configuration {
    pools = List.copyOf(pools);
    services = List.copyOf(services);
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
    return new Configuration(0, more, services);
  }

  /** This configuration with one pool less; whoever publishes it gives it its generation. */
  Configuration withoutPool(String name) {
    List<PoolFile> fewer = new ArrayList<>(pools);
    fewer.removeIf(pool -> pool.name().equals(name));
    return new Configuration(0, fewer, services);
  }
}

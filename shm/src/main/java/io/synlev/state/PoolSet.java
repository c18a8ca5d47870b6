package io.synlev.state;

import io.synlev.state.Configuration.PoolFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * The pools that this process is attached to. Any thread may call; waits for no writer.
 *
 * <p>A pool stays mapped after it was deleted, because a worker may still look at it, until {@link
 * #release} or {@link #close}.
 */
final class PoolSet {
  /** A replaced file is looked up again this often before it is an error. */
  private static final int ATTEMPTS = 100;

  private final StateDirectory directory;
  private final Registry registry;
  private final List<Attached> attached = new ArrayList<>();

  /**
   * A pool with the configuration generation that was in force when it was attached.
   *
   * @param pool it
   * @param since that generation
   */
  private record Attached(Pool pool, long since) {
    boolean is(PoolFile file) {
      return pool.inode() == file.inode() && pool.settings().name().equals(file.name());
    }
  }

  PoolSet(StateDirectory directory, Registry registry) {
    this.directory = directory;
    this.registry = registry;
  }

  /**
   * A pool of the configuration in force.
   *
   * @throws StateException if there is none of this name, or its file cannot be used
   */
  synchronized Pool get(String name) {
    for (int attempt = 1; ; attempt++) {
      Configuration configuration = registry.configuration();
      PoolFile file = require(configuration, name);
      for (Attached each : attached) {
        if (each.is(file)) {
          return each.pool();
        }
      }
      try {
        return attach(file, configuration.generation());
      } catch (StateException e) {
        // Deleted or made again while we looked: then the configuration has changed as well.
        if (attempt == ATTEMPTS
            || registry.configurationGeneration() == configuration.generation()) {
          throw e;
        }
      }
    }
  }

  private Pool attach(PoolFile file, long since) {
    Path path = PoolFiles.of(directory).inForce(file);
    Region region = Region.open(path);
    try {
      if (region.inode() != file.inode()) {
        throw new StateException(
            path + " was replaced by another file: delete the pool and create it again");
      }
      Pool pool = new Pool(file.name(), region);
      attached.add(new Attached(pool, since));
      return pool;
    } catch (StateException e) {
      region.close();
      throw e;
    }
  }

  static PoolFile require(Configuration configuration, String name) {
    for (PoolFile file : configuration.pools()) {
      if (file.name().equals(name)) {
        return file;
      }
    }
    throw Checks.unknownPool(name, configuration);
  }

  /** A pool's generation in force, copied out. */
  synchronized PoolSnapshot snapshot(String name) {
    // Under the monitor, so that nobody unmaps the pool meanwhile.
    return get(name).snapshot();
  }

  /** Looks at a pool under the monitor, so that nobody unmaps it meanwhile. */
  synchronized <T> T look(String name, Function<Pool, T> look) {
    return look.apply(get(name));
  }

  /**
   * Unmaps the pools that are not in a configuration, if they were attached before it was reached.
   *
   * @param reached what all users of addresses in this process work with now
   */
  synchronized void release(Configuration reached) {
    List<Attached> kept = new ArrayList<>();
    for (Attached each : attached) {
      if (each.since() > reached.generation() || isIn(reached, each)) {
        kept.add(each);
      } else {
        each.pool().close();
      }
    }
    attached.clear();
    attached.addAll(kept);
  }

  private static boolean isIn(Configuration configuration, Attached pool) {
    for (PoolFile file : configuration.pools()) {
      if (pool.is(file)) {
        return true;
      }
    }
    return false;
  }

  /** Unmaps all. */
  synchronized void close() {
    for (Attached each : attached) {
      each.pool().close();
    }
    attached.clear();
  }
}

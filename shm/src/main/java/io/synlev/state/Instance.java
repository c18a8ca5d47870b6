package io.synlev.state;

import io.synlev.state.Configuration.PoolFile;
import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * One balancer's state on this host. Any thread and any process may read and change it at once;
 * every change is under the one writer's lock, all or nothing, and published by generation, so a
 * writer that is killed leaves the last generation in force. Reading waits for no writer.
 *
 * <p>Addresses that its pools and counters use are valid until {@link #close} or, for pools that
 * were deleted, {@link #releaseDeleted}.
 */
public final class Instance implements AutoCloseable {
  private final StateDirectory directory;
  private final WriterLock writerLock;
  private final Registry registry;
  private final PoolSet pools;

  private Instance(StateDirectory directory, WriterLock writerLock) {
    this.directory = directory;
    this.writerLock = writerLock;
    Region region = Region.open(directory.registry());
    try {
      this.registry = new Registry(region);
    } catch (StateException e) {
      region.close();
      throw e;
    }
    this.pools = new PoolSet(directory, registry);
  }

  /**
   * Creates an instance without pools.
   *
   * @throws StateException if it exists, or cannot be created; then nothing is left behind
   */
  public static Instance create(StateDirectory directory, InstanceSettings settings) {
    directory.create();
    WriterLock lock = WriterLock.of(directory);
    try (WriterLock.Held _ = lock.acquire()) {
      if (directory.exists()) {
        throw new StateException(
            "instance '" + directory.instance() + "' exists already: delete it first, or use it");
      }
      try {
        PoolFiles.of(directory).sweep(Configuration.EMPTY);
        RegionFile.create(
            directory.registry(),
            RegistryLayout.BYTES,
            base -> Registry.initialise(base, settings));
      } catch (StateException e) {
        undo(directory, e);
        throw e;
      }
      return new Instance(directory, lock);
    }
  }

  private static void undo(StateDirectory directory, StateException reason) {
    try {
      directory.delete();
    } catch (StateException e) {
      reason.addSuppressed(e);
    }
  }

  /**
   * Attaches to an instance.
   *
   * @throws StateException if there is none, or it cannot be used
   */
  public static Instance open(StateDirectory directory) {
    directory.check();
    if (!directory.exists()) {
      throw directory.noInstance();
    }
    return new Instance(directory, WriterLock.of(directory));
  }

  /**
   * Deletes an instance and all its pools; whoever is attached keeps its mapping until it closes.
   *
   * @throws StateException if there is none, or its directory is not ours or holds other files
   */
  public static void delete(StateDirectory directory) {
    directory.check();
    WriterLock lock = WriterLock.of(directory);
    try (WriterLock.Held _ = lock.acquire()) {
      directory.delete();
    }
  }

  /** Where it lives. */
  public StateDirectory directory() {
    return directory;
  }

  /** What of it never changes. */
  public InstanceSettings settings() {
    return registry.settings();
  }

  /**
   * The epoch, read with acquire. It grows before anything that workers read is overwritten, and
   * again after the change was published; it is odd in between. A worker reads it, decides, calls
   * {@link VarHandle#acquireFence} and reads it again; if it is the same, nothing that was decided
   * is torn.
   */
  public long epoch() {
    return registry.epoch();
  }

  /** The counters of a worker, 0 to 63. */
  public WorkerCounters counters(int worker) {
    return new WorkerCounters(registry.region(), worker);
  }

  /** The pools and services in force. */
  public Configuration configuration() {
    return registry.configuration();
  }

  /** The number of the configuration in force: a cheap look for whether it changed. */
  public long configurationGeneration() {
    return registry.configurationGeneration();
  }

  /**
   * A pool, attached.
   *
   * @throws StateException if there is none of this name
   */
  public Pool pool(String name) {
    return pools.get(name);
  }

  /**
   * A pool's generation in force, copied out.
   *
   * @throws StateException if there is none of this name
   */
  public PoolSnapshot snapshot(String name) {
    return pools.snapshot(name);
  }

  /**
   * Creates a pool.
   *
   * @throws StateException if the name or a fwmark is taken, or there is no room
   */
  public Pool createPool(PoolSettings settings, List<Backend> backends) {
    try (WriterLock.Held _ = beginWriting()) {
      Configuration before = configuration();
      if (before.pool(settings.name()).isPresent()) {
        throw new StateException(
            "pool '" + settings.name() + "' exists: choose another name or delete it first");
      }
      Checks.unique(settings.name(), backends);
      Checks.marks(settings(), before, pools, settings.name(), List.of(), backends);
      PoolFiles.of(directory).sweep(before);
      Path file = directory.pool(settings.name());
      RegionFile.create(
          file,
          PoolLayout.of(settings).bytes(),
          base -> Pool.initialise(base, settings, settings().seed(), backends));
      registry.publish(before.withPool(PoolFile.of(settings.name(), file)));
      return pools.get(settings.name());
    }
  }

  private WriterLock.Held beginWriting() {
    WriterLock.Held held = writerLock.acquire();
    try {
      requireSameRegistry();
      registry.noteWriter(ProcessHandle.current().pid());
      return held;
    } catch (StateException e) {
      held.close();
      throw e;
    }
  }

  /** A change of a registry that was deleted or replaced would be lost without a word. */
  private void requireSameRegistry() {
    try {
      if (FileFacts.of(directory.registry()).inode() == registry.region().inode()) {
        return;
      }
    } catch (NoSuchFileException deleted) {
      // Answered below.
    } catch (IOException e) {
      throw new StateException("cannot look at " + directory.registry() + ": " + e, e);
    }
    throw new StateException(
        directory.path()
            + " was deleted or made again since we attached, nothing is changed: try again, and"
            + " restart a daemon that runs there");
  }

  /**
   * Takes a pool out of the configuration and deletes its file. Workers that still look at it keep
   * their mapping; {@link #seen} tells when they have left.
   *
   * @throws StateException if there is no such pool, or a service names it
   */
  public void deletePool(String name) {
    try (WriterLock.Held _ = beginWriting()) {
      Configuration before = configuration();
      PoolSet.require(before, name);
      for (Service service : before.services()) {
        if (service.pool().equals(name)) {
          throw new StateException(
              "service '%s' uses pool '%s': remove it first".formatted(service.name(), name));
        }
      }
      Configuration after = before.withoutPool(name);
      registry.publish(after);
      PoolFiles.of(directory).sweep(after);
    }
  }

  /**
   * Changes the backends of a pool and publishes its next generation.
   *
   * @param change gets the backends in the order of their indices and returns what they shall be;
   *     one that keeps its name keeps its index
   * @return the generation that is now in force
   * @throws StateException if the result is not valid; then nothing is changed
   */
  public PoolSnapshot updatePool(String name, UnaryOperator<List<Backend>> change) {
    try (WriterLock.Held _ = beginWriting()) {
      Pool pool = pools.get(name);
      pool.publish(
          settings().seed(),
          before -> {
            List<Backend> after = change.apply(before);
            Checks.marks(settings(), configuration(), pools, name, before, after);
            return after;
          },
          registry::beginChange,
          registry::endChange);
      return pool.snapshot();
    }
  }

  /**
   * Changes the services.
   *
   * @throws StateException if a name stands twice, two say the same of a VIP, or a pool is unknown;
   *     then nothing is changed
   */
  public Configuration updateServices(UnaryOperator<List<Service>> change) {
    try (WriterLock.Held _ = beginWriting()) {
      Configuration before = configuration();
      List<Service> after = new ArrayList<>(change.apply(before.services()));
      after.sort(Comparator.comparing(Service::name));
      ServiceRules.check(before, after, settings());
      if (!after.equals(before.services())) {
        registry.publish(before.withServices(after));
      }
      return configuration();
    }
  }

  /**
   * Has the backends of a pool checked, checked otherwise, or no longer.
   *
   * @param change gets the check or null, and returns a check or null; with null all backends count
   *     as up, since nobody would ever find them so again
   * @return what is now in force
   * @throws StateException if there is no such pool, or there is no room; then nothing is changed
   */
  public Configuration updateHealthCheck(String pool, UnaryOperator<HealthCheck> change) {
    try (WriterLock.Held _ = beginWriting()) {
      Configuration before = configuration();
      PoolSet.require(before, pool);
      HealthCheck was = before.check(pool).orElse(null);
      HealthCheck check = change.apply(was);
      if (check == null && was != null) {
        pools
            .get(pool)
            .publish(
                settings().seed(),
                backends ->
                    backends.stream().map(each -> each.with(Health.UP, Backend.WHOLE)).toList(),
                registry::beginChange,
                registry::endChange);
      }
      if (!Objects.equals(check, was)) {
        registry.publish(before.withCheck(pool, check));
      }
      return configuration();
    }
  }

  /** All that it was told, copied out: each pool as it is in one moment. */
  public Contents contents() {
    return Contents.of(this);
  }

  /**
   * Changes pools and services as a whole. Whoever is killed in here leaves either what was in
   * force or the whole of the new, never a part; see {@link Replacement}.
   *
   * @param change gets all that is in force, while the lock is held, and returns what shall be
   * @param progress is told how many of how many pools are made
   * @return what was in force before
   * @throws StateException if the result is not valid, or there is no room; then nothing is changed
   */
  public Contents replace(UnaryOperator<Contents> change, Replacement.Progress progress) {
    try (WriterLock.Held _ = beginWriting()) {
      Contents before = contents();
      Contents after = change.apply(before);
      if (!after.equals(before)) {
        new Replacement(this, registry, pools, before, after).run(progress);
      }
      return before;
    }
  }

  /**
   * Takes a look at a pool that nobody unmaps meanwhile, on a thread that is not told when pools
   * are {@linkplain #releaseDeleted released}.
   *
   * @param look must keep neither the pool nor anything of it
   * @throws StateException if there is no pool of this name
   */
  public <T> T look(String name, Function<Pool, T> look) {
    return pools.look(name, look);
  }

  /** The daemon that serves this instance, or served it last. */
  public DaemonRecord daemon() {
    return registry.readDaemon();
  }

  /**
   * Claims the instance for this daemon.
   *
   * @throws StateException if another daemon that runs has claimed it
   */
  public void claim(DaemonRecord daemon) {
    try (WriterLock.Held _ = beginWriting()) {
      DaemonRecord current = daemon();
      if (current.isAlive() && current.pid() != daemon.pid()) {
        throw new StateException(
            "instance '%s' is served by lbd with pid %d already: stop that one, or name another"
                    .formatted(directory.instance(), current.pid())
                + " instance");
      }
      registry.writeDaemon(daemon);
    }
  }

  /**
   * Gives the claim of the daemon that calls to another one. As long as the caller runs, nobody
   * else can have it meanwhile.
   */
  public void passClaim(DaemonRecord next) {
    try (WriterLock.Held _ = beginWriting()) {
      registry.writeDaemon(next);
    }
  }

  /** Says that no daemon serves this instance any more. Called by the daemon that claimed it. */
  public void unclaim() {
    registry.writeDaemon(DaemonRecord.none());
  }

  /** Says, as the daemon, that no worker looks behind a configuration generation any more. */
  public void publishSeen(long configurationGeneration) {
    registry.writeSeen(configurationGeneration);
  }

  /** The configuration generation that the daemon's workers have all reached. */
  public long seen() {
    return registry.readSeen();
  }

  /**
   * Unmaps the pools that were deleted before a configuration came into force, and so gives back
   * their memory. The daemon calls it when all its workers have reached that configuration.
   *
   * @param reached no thread of this process uses a pool, a cursor or an address any more that it
   *     got before this configuration and that this configuration does not name; whoever does
   *     crashes the process
   */
  public void releaseDeleted(Configuration reached) {
    pools.release(reached);
  }

  /** Unmaps everything. Whoever still uses an address of this instance crashes the process. */
  @Override
  public void close() {
    pools.close();
    registry.region().close();
  }
}

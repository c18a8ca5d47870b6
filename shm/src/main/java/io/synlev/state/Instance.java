package io.synlev.state;

import io.synlev.hash.Seed;
import io.synlev.state.Configuration.PoolFile;
import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One balancer's state on this host. Any thread and any process may read and change it at once;
 * every change is under the one writer's lock, all or nothing, and published by generation, so a
 * writer that is killed leaves the last generation in force.
 *
 * <p>Addresses that its pools and counters use are valid until {@link #close}.
 */
public final class Instance implements AutoCloseable {
  private static final Pattern REGISTRY_NOTE = Pattern.compile("registry (\\d+) bytes");

  private final StateDirectory directory;
  private final WriterLock writerLock;
  private final Registry registry;
  private final Map<String, Pool> pools = new HashMap<>();
  private final List<Pool> retired = new ArrayList<>();

  private Instance(StateDirectory directory, WriterLock writerLock, Registry registry) {
    this.directory = directory;
    this.writerLock = writerLock;
    this.registry = registry;
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
        throw new StateException("instance '" + directory.instance() + "' exists already");
      }
      Region region =
          Region.create(
              directory.registry(),
              RegistryLayout.BYTES,
              base -> Registry.initialise(base, settings));
      lock.writeNote(
          "synlev state, layout %d, registry %d bytes\n"
              .formatted(RegistryLayout.VERSION, region.fileBytes()));
      return new Instance(directory, lock, new Registry(region));
    }
  }

  /**
   * Attaches to an instance.
   *
   * @throws StateException if there is none, or it cannot be used
   */
  public static Instance open(StateDirectory directory) {
    if (!Files.exists(directory.path()) || !directory.exists()) {
      throw new StateException(
          "there is no instance '%s' in %s: 'magctl create' makes one"
              .formatted(directory.instance(), directory.base()));
    }
    directory.check();
    WriterLock lock = WriterLock.of(directory);
    try (WriterLock.Held _ = lock.acquire()) {
      Matcher note = REGISTRY_NOTE.matcher(lock.note());
      if (!note.find()) {
        throw new StateException(
            directory.lock() + " says nothing of a registry: delete the instance and create it");
      }
      Region region = Region.open(directory.registry(), Long.parseLong(note.group(1)));
      try {
        return new Instance(directory, lock, new Registry(region));
      } catch (StateException e) {
        region.close();
        throw e;
      }
    }
  }

  /**
   * Deletes an instance and all its pools; whoever is attached keeps its mapping until it closes.
   *
   * @throws StateException if there is none, or its directory is not ours
   */
  public static void delete(StateDirectory directory) {
    directory.check();
    WriterLock lock = WriterLock.of(directory);
    try (WriterLock.Held _ = lock.acquire();
        var files = Files.list(directory.path())) {
      // The lock file goes last: until then a second deleter waits for us.
      List<Path> ours =
          files.sorted(Comparator.comparing((Path file) -> file.equals(directory.lock()))).toList();
      for (Path file : ours) {
        Files.deleteIfExists(file);
      }
      Files.deleteIfExists(directory.path());
    } catch (IOException e) {
      throw new StateException("cannot delete " + directory.path() + ": " + e, e);
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
    try (WriterLock.Held _ = writerLock.acquire()) {
      PoolFile file =
          configuration().pool(name).orElseThrow(() -> unknown("pool", name, poolNames()));
      synchronized (pools) {
        Pool known = pools.get(name);
        if (known != null && known.inode() == file.inode()) {
          return known;
        }
      }
      // One that was deleted and made again. The old mapping stays until the instance is closed:
      // a worker may be in it.
      Region region = Region.open(directory.pool(name), file.bytes());
      if (region.inode() != file.inode()) {
        region.close();
        throw new StateException(
            "%s was replaced by another file: delete the pool and create it again"
                .formatted(directory.pool(name)));
      }
      return attach(name, region);
    }
  }

  private Pool attach(String name, Region region) {
    Pool pool = new Pool(name, region);
    synchronized (pools) {
      Pool former = pools.put(name, pool);
      if (former != null) {
        retired.add(former);
      }
    }
    return pool;
  }

  private List<String> poolNames() {
    return configuration().pools().stream().map(PoolFile::name).toList();
  }

  static StateException unknown(String what, String name, List<String> known) {
    return new StateException(
        "there is no %s '%s': %s"
            .formatted(
                what, name, known.isEmpty() ? "there is none at all" : "there are " + known));
  }

  /** A pool's generation in force, copied out. */
  public PoolSnapshot snapshot(String name) {
    try (WriterLock.Held _ = writerLock.acquire()) {
      return pool(name).read();
    }
  }

  /**
   * Creates a pool.
   *
   * @throws StateException if the name or a fwmark is taken, or there is no room
   */
  public Pool createPool(PoolSettings settings, List<Backend> backends) {
    try (WriterLock.Held _ = writerLock.acquire()) {
      registry.noteWriter(ProcessHandle.current().pid());
      Configuration before = configuration();
      if (before.pool(settings.name()).isPresent()) {
        throw new StateException(
            "pool '" + settings.name() + "' exists: choose another name or delete it first");
      }
      Pool.checkUnique(settings.name(), backends);
      checkMarks(settings.name(), backends);
      Region region =
          Region.create(
              directory.pool(settings.name()),
              PoolLayout.of(settings).bytes(),
              base -> Pool.initialise(base, settings, seed(), backends));
      List<PoolFile> files = new ArrayList<>(before.pools());
      files.add(new PoolFile(settings.name(), region.inode(), region.fileBytes()));
      files.sort(Comparator.comparing(PoolFile::name));
      registry.publish(new Configuration(0, files, before.services()));
      return attach(settings.name(), region);
    }
  }

  private Seed seed() {
    return settings().seed();
  }

  /**
   * Takes a pool out of the configuration and deletes its file. Workers that still look at it keep
   * their mapping; {@link #seen} tells when they have left.
   *
   * @throws StateException if there is no such pool, or a service names it
   */
  public void deletePool(String name) {
    try (WriterLock.Held _ = writerLock.acquire()) {
      registry.noteWriter(ProcessHandle.current().pid());
      Configuration before = configuration();
      if (before.pool(name).isEmpty()) {
        throw unknown("pool", name, poolNames());
      }
      for (Service service : before.services()) {
        if (service.pool().equals(name)) {
          throw new StateException(
              "service '%s' uses pool '%s': remove it first".formatted(service.name(), name));
        }
      }
      registry.publish(
          new Configuration(
              0,
              before.pools().stream().filter(pool -> !pool.name().equals(name)).toList(),
              before.services()));
      Files.deleteIfExists(directory.pool(name));
    } catch (IOException e) {
      throw new StateException("cannot delete " + directory.pool(name) + ": " + e, e);
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
    try (WriterLock.Held _ = writerLock.acquire()) {
      registry.noteWriter(ProcessHandle.current().pid());
      Pool pool = pool(name);
      pool.publish(
          seed(),
          before -> {
            List<Backend> after = change.apply(before);
            Set<Integer> known = new HashSet<>();
            before.forEach(backend -> known.add(backend.fwmark()));
            checkMarks(name, after.stream().filter(b -> !known.contains(b.fwmark())).toList());
            return after;
          },
          registry::beginChange,
          registry::endChange);
      return pool.read();
    }
  }

  /** New marks fit the mask and are taken by no other pool. */
  private void checkMarks(String name, List<Backend> fresh) {
    if (fresh.isEmpty()) {
      return;
    }
    for (Backend backend : fresh) {
      settings().checkMark(backend.fwmark());
    }
    for (PoolFile other : configuration().pools()) {
      if (!other.name().equals(name)) {
        for (Backend taken : pool(other.name()).read().backends()) {
          if (fresh.stream().anyMatch(backend -> backend.fwmark() == taken.fwmark())) {
            throw new StateException(
                "fwmark %d is taken by backend '%s' of pool '%s': choose another"
                    .formatted(taken.fwmark(), taken.name(), other.name()));
          }
        }
      }
    }
  }

  /**
   * Changes the services.
   *
   * @throws StateException if a name or a VIP stands twice, or a pool is unknown; then nothing is
   *     changed
   */
  public Configuration updateServices(UnaryOperator<List<Service>> change) {
    try (WriterLock.Held _ = writerLock.acquire()) {
      registry.noteWriter(ProcessHandle.current().pid());
      Configuration before = configuration();
      List<Service> after = new ArrayList<>(change.apply(before.services()));
      after.sort(Comparator.comparing(Service::name));
      checkServices(before, after);
      if (!after.equals(before.services())) {
        registry.publish(new Configuration(0, before.pools(), after));
      }
      return configuration();
    }
  }

  private void checkServices(Configuration configuration, List<Service> services) {
    Set<String> names = new HashSet<>();
    Map<Prefix, String> owners = new HashMap<>();
    for (Service service : services) {
      if (!names.add(service.name())) {
        throw new StateException("there is a service '" + service.name() + "' already");
      }
      if (configuration.pool(service.pool()).isEmpty()) {
        throw unknown("pool", service.pool(), poolNames());
      }
      for (Prefix vip : service.vips()) {
        String owner = owners.putIfAbsent(vip, service.name());
        if (owner != null) {
          throw new StateException(
              "VIP %s of service '%s' belongs to service '%s' already"
                  .formatted(vip, service.name(), owner));
        }
      }
    }
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
    try (WriterLock.Held _ = writerLock.acquire()) {
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

  /** Unmaps everything. Whoever still uses an address of this instance crashes the process. */
  @Override
  public void close() {
    synchronized (pools) {
      pools.values().forEach(Pool::close);
      retired.forEach(Pool::close);
      pools.clear();
      retired.clear();
      registry.region().close();
    }
  }
}

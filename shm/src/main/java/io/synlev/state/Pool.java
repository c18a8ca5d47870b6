package io.synlev.state;

import io.synlev.hash.Seed;
import io.synlev.memory.Memory;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * A pool in shared memory. Any thread may call; changes go through {@link Instance#updatePool}.
 *
 * <p>It must not be used after its {@link Instance} was closed.
 */
public final class Pool {
  private static final Policy[] POLICIES = Policy.values();
  private static final HashOn[] HASH_ON = HashOn.values();

  private final Region region;
  private final PoolSettings settings;
  private final PoolLayout layout;
  private final PoolRecords records;

  Pool(String name, Region region) {
    this.region = region;
    long base = region.address();
    long magic = Memory.getLong(base + PoolLayout.MAGIC_OFFSET);
    int version = Memory.getInt(base + PoolLayout.VERSION_OFFSET);
    if (magic != PoolLayout.MAGIC || version != RegistryLayout.VERSION) {
      throw new StateException(
          "pool '%s' has magic %#x and layout %d; this program knows layout %d: delete the pool"
              .formatted(name, magic, version, RegistryLayout.VERSION));
    }
    this.settings =
        new PoolSettings(
            name,
            Memory.getInt(base + PoolLayout.SLOTS_OFFSET),
            Memory.getInt(base + PoolLayout.CAPACITY_OFFSET),
            POLICIES[Memory.getInt(base + PoolLayout.POLICY_OFFSET)],
            HASH_ON[Memory.getInt(base + PoolLayout.HASH_ON_OFFSET)],
            Memory.getInt(base + PoolLayout.OWN_FWMARK_OFFSET));
    this.layout = PoolLayout.of(settings);
    this.records = new PoolRecords(settings);
  }

  /** Fills a new region with a pool's first generation. */
  static void initialise(long base, PoolSettings settings, Seed seed, List<Backend> backends) {
    Memory.putInt(base + PoolLayout.VERSION_OFFSET, RegistryLayout.VERSION);
    Memory.putInt(base + PoolLayout.SLOTS_OFFSET, settings.slots());
    Memory.putInt(base + PoolLayout.CAPACITY_OFFSET, settings.capacity());
    Memory.putInt(base + PoolLayout.POLICY_OFFSET, settings.policy().ordinal());
    Memory.putInt(base + PoolLayout.HASH_ON_OFFSET, settings.hashOn().ordinal());
    Memory.putInt(base + PoolLayout.OWN_FWMARK_OFFSET, settings.ownFwmark());
    Backend[] placed = PoolPlan.place(settings, new Backend[settings.capacity()], backends);
    long slot = base + PoolLayout.of(settings).generationSlotOffset(0);
    new PoolRecords(settings).write(slot, 0, placed, PoolPlan.buildTable(settings, seed, placed));
    Memory.putLongRelease(base + PoolLayout.MAGIC_OFFSET, PoolLayout.MAGIC);
  }

  /** What of it never changes. */
  public PoolSettings settings() {
    return settings;
  }

  /** A look at it for one worker. */
  public PoolCursor cursor(int worker) {
    return new PoolCursor(this, worker);
  }

  /** Packets that were steered to the backend at an index since it was added. */
  public long packets(int backend) {
    long sum = 0;
    for (int worker = 0; worker < PoolLayout.WORKERS; worker++) {
      sum += Memory.getLongOpaque(region.address() + layout.packetsOffset(worker, backend));
    }
    return sum;
  }

  long address() {
    return region.address();
  }

  long inode() {
    return region.inode();
  }

  /** The generation in force. The caller makes sure that no writer publishes meanwhile. */
  PoolSnapshot read() {
    long generation = generation();
    long slot = slot(generation);
    Backend[] backends = records.readBackends(slot);
    char[] table = records.readTable(slot);
    return new PoolSnapshot(settings, generation, PoolRecords.members(backends, table), table);
  }

  /**
   * Publishes the next generation. The writer's lock is held.
   *
   * @param begin is run after everything is computed and before anything is written
   * @param end is run after the generation was published
   * @return whether anything changed
   */
  boolean publish(Seed seed, UnaryOperator<List<Backend>> change, Runnable begin, Runnable end) {
    long generation = generation();
    Backend[] before = records.readBackends(slot(generation));
    List<Backend> after = change.apply(Arrays.stream(before).filter(Objects::nonNull).toList());
    checkUnique(settings.name(), after);
    Backend[] placed = PoolPlan.place(settings, before, after);
    if (Arrays.equals(before, placed)) {
      return false;
    }
    char[] table = PoolPlan.buildTable(settings, seed, placed);
    begin.run();
    records.write(slot(generation + 1), generation + 1, placed, table);
    clearCountersOfNew(before, placed);
    Memory.putLongRelease(region.address() + PoolLayout.GENERATION_OFFSET, generation + 1);
    end.run();
    return true;
  }

  static void checkUnique(String pool, List<Backend> backends) {
    Set<String> names = new HashSet<>();
    Set<Integer> marks = new HashSet<>();
    for (Backend backend : backends) {
      if (!names.add(backend.name())) {
        throw new StateException(
            "pool '%s' has a backend '%s' already: choose another name, or 'backend set' it"
                .formatted(pool, backend.name()));
      }
      if (!marks.add(backend.fwmark())) {
        throw new StateException(
            "fwmark %d of backend '%s' is taken in pool '%s': choose another"
                .formatted(backend.fwmark(), backend.name(), pool));
      }
    }
  }

  private void clearCountersOfNew(Backend[] before, Backend[] after) {
    for (int i = 0; i < after.length; i++) {
      boolean isNew =
          after[i] != null && (before[i] == null || !before[i].name().equals(after[i].name()));
      for (int worker = 0; isNew && worker < PoolLayout.WORKERS; worker++) {
        Memory.putLongOpaque(region.address() + layout.packetsOffset(worker, i), 0);
      }
    }
  }

  private long generation() {
    return Memory.getLongAcquire(region.address() + PoolLayout.GENERATION_OFFSET);
  }

  private long slot(long generation) {
    return region.address() + layout.generationSlotOffset(generation);
  }

  /** Unmaps it. */
  void close() {
    region.close();
  }
}

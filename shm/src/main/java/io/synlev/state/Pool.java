package io.synlev.state;

import io.synlev.hash.Seed;
import io.synlev.memory.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongFunction;
import java.util.function.UnaryOperator;

/**
 * A pool in shared memory. Any thread may call; changes go through {@link Instance#updatePool}.
 *
 * <p>It must not be used after its {@link Instance} was closed.
 */
public final class Pool {
  private static final Policy[] POLICIES = Policy.values();
  private static final HashOn[] HASH_ON = HashOn.values();
  private static final Forwarding[] FORWARDING = Forwarding.values();

  private final Region region;
  private final PoolSettings settings;
  private final PoolLayout layout;
  private final PoolRecords records;

  /**
   * Reads a region.
   *
   * @throws StateException if it holds no pool of this layout version
   */
  Pool(String name, Region region) {
    this.region = region;
    long base = region.address();
    if (region.bytes() < PoolLayout.PACKETS_OFFSET) {
      throw damaged(name, "is too short");
    }
    long magic = Memory.getLong(base + PoolLayout.MAGIC_OFFSET);
    if (magic != PoolLayout.MAGIC) {
      throw damaged(name, "has magic 0x" + Long.toHexString(magic));
    }
    int version = Memory.getInt(base + PoolLayout.VERSION_OFFSET);
    if (version != RegistryLayout.VERSION) {
      throw new StateException(
          "pool '%s' has layout %d and this program knows layout %d: use the version that made it,"
                  .formatted(name, version, RegistryLayout.VERSION)
              + " or delete the pool and create it again");
    }
    this.settings =
        new PoolSettings(
            name,
            Memory.getInt(base + PoolLayout.SLOTS_OFFSET),
            Memory.getInt(base + PoolLayout.CAPACITY_OFFSET),
            choose(POLICIES, Memory.getInt(base + PoolLayout.POLICY_OFFSET), name, "policy"),
            choose(HASH_ON, Memory.getInt(base + PoolLayout.HASH_ON_OFFSET), name, "hash"),
            Memory.getInt(base + PoolLayout.OWN_FWMARK_OFFSET),
            choose(
                FORWARDING,
                Memory.getInt(base + PoolLayout.FORWARDING_OFFSET),
                name,
                "forwarding"));
    this.layout = PoolLayout.of(settings);
    this.records = new PoolRecords(settings);
    if (layout.bytes() > region.bytes()) {
      throw damaged(name, "needs " + layout.bytes() + " bytes and has " + region.bytes());
    }
  }

  private static <T> T choose(T[] values, int ordinal, String pool, String what) {
    if (ordinal < 0 || ordinal >= values.length) {
      throw damaged(pool, "has " + what + " number " + ordinal);
    }
    return values[ordinal];
  }

  private static StateException damaged(String name, String what) {
    return new StateException(
        "pool '" + name + "' " + what + ": it was overwritten; delete it and create it again");
  }

  /** Fills a new region with a pool's first generation. */
  static void initialise(long base, PoolSettings settings, Seed seed, List<Backend> backends) {
    Backend[] placed = PoolPlan.place(settings, new Backend[settings.capacity()], backends);
    initialise(base, settings, 0, placed, PoolPlan.buildTable(settings, seed, placed));
  }

  /**
   * Fills a new region with a generation.
   *
   * @param backends by index, null where free
   */
  static void initialise(
      long base, PoolSettings settings, long generation, Backend[] backends, char[] table) {
    Memory.putInt(base + PoolLayout.VERSION_OFFSET, RegistryLayout.VERSION);
    Memory.putInt(base + PoolLayout.SLOTS_OFFSET, settings.slots());
    Memory.putInt(base + PoolLayout.CAPACITY_OFFSET, settings.capacity());
    Memory.putInt(base + PoolLayout.POLICY_OFFSET, settings.policy().ordinal());
    Memory.putInt(base + PoolLayout.HASH_ON_OFFSET, settings.hashOn().ordinal());
    Memory.putInt(base + PoolLayout.OWN_FWMARK_OFFSET, settings.ownFwmark());
    Memory.putInt(base + PoolLayout.FORWARDING_OFFSET, settings.forwarding().ordinal());
    Memory.putLong(base + PoolLayout.GENERATION_OFFSET, generation);
    long slot = base + PoolLayout.of(settings).generationSlotOffset(generation);
    new PoolRecords(settings).write(slot, generation, backends, table);
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

  /** The backends of the generation in force by index. The caller holds the writer's lock. */
  Backend[] placed() {
    return backendsAt(slot(generation()));
  }

  /** Copies one backend's packet counters, worker by worker, to another pool's region. */
  void copyPackets(int from, long base, PoolLayout other, int to) {
    for (int worker = 0; worker < PoolLayout.WORKERS; worker++) {
      Memory.putLong(
          base + other.packetsOffset(worker, to),
          Memory.getLongOpaque(region.address() + layout.packetsOffset(worker, from)));
    }
  }

  long address() {
    return region.address();
  }

  long inode() {
    return region.inode();
  }

  /**
   * The generation in force, copied out. Any thread; waits for no writer.
   *
   * <p>A generation slot is written again only after the next generation was published and fenced.
   * So if the same generation is still in force when all has been copied, nothing of the copy is
   * newer.
   */
  public PoolSnapshot snapshot() {
    long bytes = layout.generationSlotBytes();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment copy = arena.allocate(bytes, Region.ALIGNMENT);
      while (true) {
        long generation = generation();
        copy.copyFrom(Memory.slice(slot(generation), bytes));
        VarHandle.acquireFence();
        if (generation() == generation) {
          return decode(generation, copy.address());
        }
        Thread.onSpinWait();
      }
    }
  }

  /**
   * The backends whose drain has an end, of the generation in force. Any thread; waits for no
   * writer, and copies nothing where there is none.
   */
  public List<Backend> drains() {
    return read(records::readDrains);
  }

  /**
   * The backends of the generation in force, without its table. Any thread; waits for no writer.
   */
  List<Backend> members() {
    return read(slot -> present(records.readBackends(slot)));
  }

  /** Reads records where they are, until that was done within one generation. */
  private List<Backend> read(LongFunction<List<Backend>> reader) {
    while (true) {
      long generation = generation();
      List<Backend> backends = null;
      RuntimeException impossible = null;
      try {
        backends = reader.apply(slot(generation));
      } catch (StateException | IndexOutOfBoundsException e) {
        impossible = e;
      }
      VarHandle.acquireFence();
      if (generation() == generation) {
        if (impossible != null) {
          throw impossible(impossible);
        }
        return backends;
      }
      Thread.onSpinWait();
    }
  }

  private StateException impossible(RuntimeException e) {
    return damaged(settings.name(), "has an impossible record (" + e.getMessage() + ")");
  }

  private PoolSnapshot decode(long generation, long slot) {
    Backend[] backends = backendsAt(slot);
    char[] table = records.readTable(slot);
    return new PoolSnapshot(settings, generation, PoolRecords.members(backends, table), table);
  }

  private Backend[] backendsAt(long slot) {
    try {
      return records.readBackends(slot);
    } catch (StateException | IndexOutOfBoundsException e) {
      throw impossible(e);
    }
  }

  /** The backends of the generation in force. The caller holds the writer's lock. */
  List<Backend> backends() {
    return present(placed());
  }

  private static List<Backend> present(Backend[] backends) {
    List<Backend> present = new ArrayList<>(backends.length);
    for (Backend backend : backends) {
      if (backend != null) {
        present.add(backend);
      }
    }
    return present;
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
    Backend[] before = backendsAt(slot(generation));
    List<Backend> after = change.apply(present(before));
    Checks.unique(settings.name(), after);
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

  private void clearCountersOfNew(Backend[] before, Backend[] after) {
    for (int i = 0; i < after.length; i++) {
      boolean isNew =
          after[i] != null && (before[i] == null || !before[i].name().equals(after[i].name()));
      for (int worker = 0; isNew && worker < PoolLayout.WORKERS; worker++) {
        Memory.putLongOpaque(region.address() + layout.packetsOffset(worker, i), 0);
      }
    }
  }

  /** The number of the generation in force: a cheap look for whether it changed. Any thread. */
  public long generation() {
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

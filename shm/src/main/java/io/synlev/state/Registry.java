package io.synlev.state;

import io.synlev.hash.Seed;
import io.synlev.memory.Memory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/** The registry's region, field by field; see {@link RegistryLayout}. */
final class Registry {
  private final Region region;
  private final long base;
  private final InstanceSettings settings;

  /**
   * Reads a region.
   *
   * @throws StateException if it is no registry of this layout version
   */
  Registry(Region region) {
    this.region = region;
    this.base = region.address();
    if (region.bytes() < RegistryLayout.BYTES) {
      throw damaged("has " + region.bytes() + " bytes instead of " + RegistryLayout.BYTES);
    }
    long magic = Memory.getLong(base + RegistryLayout.MAGIC_OFFSET);
    if (magic != RegistryLayout.MAGIC) {
      throw damaged("has magic 0x" + Long.toHexString(magic));
    }
    int version = Memory.getInt(base + RegistryLayout.VERSION_OFFSET);
    if (version != RegistryLayout.VERSION) {
      throw new StateException(
          "the registry has layout %d and this program knows layout %d: %s"
              .formatted(
                  version,
                  RegistryLayout.VERSION,
                  "use the version that made it, or delete the instance and create it again"));
    }
    this.settings =
        new InstanceSettings(
            new Seed(
                Memory.getLong(base + RegistryLayout.SEED_0_OFFSET),
                Memory.getLong(base + RegistryLayout.SEED_1_OFFSET)),
            Memory.getInt(base + RegistryLayout.MARK_MASK_OFFSET));
  }

  private static StateException damaged(String what) {
    return new StateException(
        "the registry "
            + what
            + ": it was overwritten; delete the instance ('magctl delete') and create it again");
  }

  /** Fills a new region. */
  static void initialise(long base, InstanceSettings settings) {
    Memory.putInt(base + RegistryLayout.VERSION_OFFSET, RegistryLayout.VERSION);
    Memory.putInt(base + RegistryLayout.MARK_MASK_OFFSET, settings.markMask());
    Memory.putLong(base + RegistryLayout.SEED_0_OFFSET, settings.seed().k0());
    Memory.putLong(base + RegistryLayout.SEED_1_OFFSET, settings.seed().k1());
    writeSlot(base, Configuration.EMPTY);
    Memory.putLongRelease(base + RegistryLayout.MAGIC_OFFSET, RegistryLayout.MAGIC);
  }

  InstanceSettings settings() {
    return settings;
  }

  Region region() {
    return region;
  }

  long epoch() {
    return Memory.getLongAcquire(base + RegistryLayout.EPOCH_OFFSET);
  }

  /**
   * Before anything that readers look at is overwritten: the epoch becomes odd, and a new one even
   * if a killed writer left it odd. The writer's lock is held, so that nobody else adds.
   */
  void beginChange() {
    Memory.putLongRelease(base + RegistryLayout.EPOCH_OFFSET, epoch() + 1 | 1);
    // The epoch's new value is out before any byte of the slot that readers of the generation
    // before last may still look at.
    VarHandle.fullFence();
  }

  /**
   * After the generation was published: the epoch becomes even. Without this, whoever looked
   * between the first step and the publication would keep the old generation until the next change.
   */
  void endChange() {
    Memory.putLongRelease(base + RegistryLayout.EPOCH_OFFSET, epoch() + 1);
  }

  void noteWriter(long pid) {
    Memory.putLong(base + RegistryLayout.WRITER_PID_OFFSET, pid);
  }

  long configurationGeneration() {
    return Memory.getLongAcquire(base + RegistryLayout.GENERATION_OFFSET);
  }

  /** The configuration in force. Any thread; waits for no lock. */
  Configuration configuration() {
    while (true) {
      long epoch = epoch();
      long generation = configurationGeneration();
      long slot = base + RegistryLayout.configurationOffset(generation);
      int length = Memory.getInt(slot);
      byte[] bytes = null;
      if (length >= 0 && length <= RegistryLayout.CONFIGURATION_BYTES - Integer.BYTES) {
        bytes = Memory.slice(slot + Integer.BYTES, length).toArray(ValueLayout.JAVA_BYTE);
      }
      VarHandle.acquireFence();
      if (epoch() == epoch) {
        if (bytes == null) {
          throw damaged("claims a configuration of " + length + " bytes");
        }
        return ConfigurationCodec.decode(generation, bytes);
      }
      Thread.onSpinWait();
    }
  }

  /** Publishes a configuration under the next generation. The writer's lock is held. */
  void publish(Configuration configuration) {
    Configuration next =
        new Configuration(
            configurationGeneration() + 1,
            configuration.pools(),
            configuration.services(),
            configuration.checks());
    byte[] bytes = encode(next);
    beginChange();
    writeSlot(base, next.generation(), bytes);
    Memory.putLongRelease(base + RegistryLayout.GENERATION_OFFSET, next.generation());
    endChange();
  }

  private static byte[] encode(Configuration configuration) {
    byte[] bytes = ConfigurationCodec.encode(configuration);
    if (bytes.length > RegistryLayout.CONFIGURATION_BYTES - Integer.BYTES) {
      throw new StateException(
          "pools and services need %,d bytes and the registry has room for %,d: remove some"
              .formatted(bytes.length, RegistryLayout.CONFIGURATION_BYTES - Integer.BYTES));
    }
    return bytes;
  }

  private static void writeSlot(long base, Configuration configuration) {
    writeSlot(base, configuration.generation(), encode(configuration));
  }

  private static void writeSlot(long base, long generation, byte[] bytes) {
    long slot = base + RegistryLayout.configurationOffset(generation);
    Memory.putInt(slot, bytes.length);
    MemorySegment.copy(
        MemorySegment.ofArray(bytes),
        0,
        Memory.slice(slot + Integer.BYTES, bytes.length),
        0,
        bytes.length);
  }

  void writeDaemon(DaemonRecord daemon) {
    Memory.putLong(base + RegistryLayout.DAEMON_START_OFFSET, daemon.startTicks());
    Memory.putInt(base + RegistryLayout.DAEMON_FIRST_QUEUE_OFFSET, daemon.firstQueue());
    Memory.putInt(base + RegistryLayout.DAEMON_LAST_QUEUE_OFFSET, daemon.lastQueue());
    Memory.putLongRelease(base + RegistryLayout.DAEMON_PID_OFFSET, daemon.pid());
  }

  DaemonRecord readDaemon() {
    return new DaemonRecord(
        Memory.getLongAcquire(base + RegistryLayout.DAEMON_PID_OFFSET),
        Memory.getLong(base + RegistryLayout.DAEMON_START_OFFSET),
        Memory.getInt(base + RegistryLayout.DAEMON_FIRST_QUEUE_OFFSET),
        Memory.getInt(base + RegistryLayout.DAEMON_LAST_QUEUE_OFFSET));
  }

  void writeSeen(long configurationGeneration) {
    Memory.putLongRelease(base + RegistryLayout.DAEMON_SEEN_OFFSET, configurationGeneration);
  }

  long readSeen() {
    return Memory.getLongAcquire(base + RegistryLayout.DAEMON_SEEN_OFFSET);
  }
}

package io.synlev.state;

import io.synlev.memory.Memory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Writes and reads the table, marks and records of one generation slot of a pool. */
final class PoolRecords {
  private static final AdminState[] STATES = AdminState.values();
  private static final Health[] HEALTH = Health.values();

  private final PoolLayout layout;
  private final int slots;
  private final int capacity;
  private final String pool;

  PoolRecords(PoolSettings settings) {
    this.pool = settings.name();
    this.layout = PoolLayout.of(settings);
    this.slots = settings.slots();
    this.capacity = settings.capacity();
  }

  /** Fills a generation slot. */
  void write(long slotAddress, long generation, Backend[] backends, char[] table) {
    Memory.putLong(slotAddress, generation);
    MemorySegment.copy(
        MemorySegment.ofArray(table),
        0,
        Memory.slice(slotAddress + PoolLayout.TABLE_OFFSET, 2L * slots),
        0,
        2L * slots);
    for (int i = 0; i < capacity; i++) {
      Memory.putInt(
          slotAddress + layout.marksOffset() + 4L * i,
          backends[i] == null ? 0 : backends[i].fwmark());
      writeRecord(slotAddress + layout.recordOffset(i), backends[i]);
    }
  }

  private void writeRecord(long at, Backend backend) {
    MemorySegment record = Memory.slice(at, PoolLayout.RECORD_BYTES);
    record.fill((byte) 0);
    if (backend == null) {
      return;
    }
    byte[] name = backend.name().getBytes(StandardCharsets.US_ASCII);
    Memory.putByte(at + PoolLayout.NAME_LENGTH_OFFSET, (byte) name.length);
    MemorySegment.copy(name, 0, record, ValueLayout.JAVA_BYTE, PoolLayout.NAME_OFFSET, name.length);
    Memory.putInt(at + PoolLayout.WEIGHT_OFFSET, backend.weight());
    Memory.putByte(at + PoolLayout.STATE_OFFSET, (byte) backend.state().ordinal());
    Memory.putByte(at + PoolLayout.HEALTH_OFFSET, (byte) backend.health().ordinal());
    Memory.putByte(at + PoolLayout.RAMP_OFFSET, (byte) backend.ramp());
    int flags = 0;
    if (backend.ipv4() != null) {
      flags |= PoolLayout.HAS_IPV4;
      writeAddress(record, PoolLayout.IPV4_OFFSET, backend.ipv4());
    }
    if (backend.ipv6() != null) {
      flags |= PoolLayout.HAS_IPV6;
      writeAddress(record, PoolLayout.IPV6_OFFSET, backend.ipv6());
    }
    if (backend.mac() != null) {
      flags |= PoolLayout.HAS_MAC;
      Memory.putLong(at + PoolLayout.MAC_OFFSET, backend.mac().bits());
    }
    Memory.putByte(at + PoolLayout.FLAGS_OFFSET, (byte) flags);
    Memory.putLong(at + PoolLayout.DRAIN_UNTIL_OFFSET, backend.drainUntilSeconds());
    Memory.putLong(at + PoolLayout.IDENTITY_OFFSET, Backend.identity(pool, backend.name()));
  }

  private static void writeAddress(MemorySegment record, long offset, InetAddress address) {
    byte[] bytes = address.getAddress();
    MemorySegment.copy(bytes, 0, record, ValueLayout.JAVA_BYTE, offset, bytes.length);
  }

  /** Reads the backends of a generation slot by index; null where an index is free. */
  Backend[] readBackends(long slotAddress) {
    Backend[] backends = new Backend[capacity];
    for (int i = 0; i < capacity; i++) {
      int fwmark = Memory.getInt(slotAddress + layout.marksOffset() + 4L * i);
      backends[i] = readRecord(slotAddress + layout.recordOffset(i), fwmark);
    }
    return backends;
  }

  private static Backend readRecord(long at, int fwmark) {
    int nameLength = Memory.getByte(at + PoolLayout.NAME_LENGTH_OFFSET);
    if (nameLength == 0) {
      return null;
    }
    MemorySegment record = Memory.slice(at, PoolLayout.RECORD_BYTES);
    byte[] name = record.asSlice(PoolLayout.NAME_OFFSET, nameLength).toArray(ValueLayout.JAVA_BYTE);
    int flags = Memory.getByte(at + PoolLayout.FLAGS_OFFSET);
    return new Backend(
        new String(name, StandardCharsets.US_ASCII),
        fwmark,
        Memory.getInt(at + PoolLayout.WEIGHT_OFFSET),
        STATES[Memory.getByte(at + PoolLayout.STATE_OFFSET)],
        HEALTH[Memory.getByte(at + PoolLayout.HEALTH_OFFSET)],
        Memory.getByte(at + PoolLayout.RAMP_OFFSET),
        (flags & PoolLayout.HAS_IPV4) == 0
            ? null
            : (Inet4Address) readAddress(record, PoolLayout.IPV4_OFFSET, 4),
        (flags & PoolLayout.HAS_IPV6) == 0
            ? null
            : (Inet6Address) readAddress(record, PoolLayout.IPV6_OFFSET, 16),
        (flags & PoolLayout.HAS_MAC) == 0
            ? null
            : new MacAddress(Memory.getLong(at + PoolLayout.MAC_OFFSET)),
        Memory.getLong(at + PoolLayout.DRAIN_UNTIL_OFFSET));
  }

  /** Those whose drain has an end. Reads one field of the others. */
  List<Backend> readDrains(long slotAddress) {
    List<Backend> drains = new ArrayList<>();
    for (int i = 0; i < capacity; i++) {
      long record = slotAddress + layout.recordOffset(i);
      if (Memory.getLong(record + PoolLayout.DRAIN_UNTIL_OFFSET) != 0) {
        int fwmark = Memory.getInt(slotAddress + layout.marksOffset() + 4L * i);
        Backend backend = readRecord(record, fwmark);
        if (backend != null) {
          drains.add(backend);
        }
      }
    }
    return drains;
  }

  private static InetAddress readAddress(MemorySegment record, long offset, int bytes) {
    try {
      return InetAddress.getByAddress(record.asSlice(offset, bytes).toArray(ValueLayout.JAVA_BYTE));
    } catch (UnknownHostException impossible) {
      throw new AssertionError(impossible);
    }
  }

  /** Copies the table of a generation slot. */
  char[] readTable(long slotAddress) {
    return Memory.slice(slotAddress + PoolLayout.TABLE_OFFSET, 2L * slots)
        .toArray(ValueLayout.JAVA_CHAR_UNALIGNED);
  }

  /** The members of a generation, with the slots that each has. */
  static List<PoolSnapshot.Member> members(Backend[] backends, char[] table) {
    int[] owned = new int[backends.length];
    for (char index : table) {
      if (index < owned.length) {
        owned[index]++;
      }
    }
    List<PoolSnapshot.Member> members = new ArrayList<>(backends.length);
    for (int i = 0; i < backends.length; i++) {
      if (backends[i] != null) {
        members.add(new PoolSnapshot.Member(i, backends[i], owned[i]));
      }
    }
    return members;
  }
}

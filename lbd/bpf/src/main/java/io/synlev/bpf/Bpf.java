package io.synlev.bpf;

import io.synlev.ffi.NativeException;
import io.synlev.ffi.Sockets;
import io.synlev.ffi.SystemCalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * The commands of bpf(2) that libbpf would only pass on; offsets of union bpf_attr in
 * include/uapi/linux/bpf.h. Hot code fills its own attributes. Any thread may call.
 */
final class Bpf {

  static final int MAP_LOOKUP_ELEM = 1;
  static final int MAP_UPDATE_ELEM = 2;
  static final int MAP_DELETE_ELEM = 3;
  static final int OBJ_PIN = 6;
  static final int OBJ_GET = 7;
  static final int PROG_TEST_RUN = 10;
  static final int PROG_GET_FD_BY_ID = 13;
  static final int MAP_GET_FD_BY_ID = 14;
  static final int OBJ_GET_INFO_BY_FD = 15;
  static final int MAP_LOOKUP_BATCH = 24;
  static final int MAP_UPDATE_BATCH = 26;
  static final int MAP_DELETE_BATCH = 27;

  /** MAP_*_ELEM: 0 map, 8 key, 16 value, 24 flags. */
  static final int ELEM_BYTES = 32;

  static final int ELEM_KEY_OFFSET = 8;
  static final int ELEM_VALUE_OFFSET = 16;

  /** MAP_*_BATCH: 0 and 8 the place to start and to go on, then what follows. */
  static final int BATCH_BYTES = 56;

  static final int BATCH_OUT_OFFSET = 8;
  static final int BATCH_KEYS_OFFSET = 16;
  static final int BATCH_VALUES_OFFSET = 24;
  static final int BATCH_COUNT_OFFSET = 32;
  static final int BATCH_MAP_OFFSET = 36;

  private static final int NAME_BYTES = 16;
  private static final int MAP_NAME_OFFSET = 24;
  private static final int MAP_INFO_BYTES = 88;
  private static final int PROGRAM_INFO_BYTES = 232;
  private static final int PROGRAM_MAP_COUNT_OFFSET = 52;
  private static final int PROGRAM_MAPS_OFFSET = 56;
  private static final int PROGRAM_NAME_OFFSET = 64;
  private static final int MOST_MAPS = 64;

  /** What a map is; struct bpf_map_info. */
  record MapInfo(int type, int keyBytes, int valueBytes, int maxEntries, int flags, String name) {}

  private Bpf() {}

  /** Any command with attributes that the caller wrote: its result, or a negative errno. */
  static int call(int command, MemorySegment attributes) {
    return SystemCalls.bpf(command, attributes.address(), (int) attributes.byteSize());
  }

  /** Reads an element: 0, or a negative errno. */
  static int lookup(int map, MemorySegment key, MemorySegment value) {
    return element(MAP_LOOKUP_ELEM, map, key, value.address());
  }

  /** Writes an element, there or not: 0, or a negative errno. */
  static int update(int map, MemorySegment key, MemorySegment value) {
    return element(MAP_UPDATE_ELEM, map, key, value.address());
  }

  /** Removes an element: 0, or a negative errno. */
  static int delete(int map, MemorySegment key) {
    return element(MAP_DELETE_ELEM, map, key, 0);
  }

  private static int element(int command, int map, MemorySegment key, long value) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment attributes = arena.allocate(ELEM_BYTES, 8);
      attributes.set(ValueLayout.JAVA_INT, 0, map);
      attributes.set(ValueLayout.JAVA_LONG, ELEM_KEY_OFFSET, key.address());
      attributes.set(ValueLayout.JAVA_LONG, ELEM_VALUE_OFFSET, value);
      return call(command, attributes);
    }
  }

  /** Gives a map or program a name in a bpffs: 0, or a negative errno. */
  static int pin(int descriptor, Path file) {
    return object(OBJ_PIN, file, descriptor);
  }

  /** Opens what is pinned: a descriptor, or a negative errno. */
  static int open(Path file) {
    return object(OBJ_GET, file, 0);
  }

  private static int object(int command, Path file, int descriptor) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment attributes = arena.allocate(16, 8);
      attributes.set(ValueLayout.JAVA_LONG, 0, arena.allocateFrom(file.toString()).address());
      attributes.set(ValueLayout.JAVA_INT, 8, descriptor);
      return call(command, attributes);
    }
  }

  /** What a map is. */
  static MapInfo mapInfo(int map) throws NativeException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment info = info(map, arena.allocate(MAP_INFO_BYTES, 8), arena);
      return new MapInfo(
          info.get(ValueLayout.JAVA_INT, 0),
          info.get(ValueLayout.JAVA_INT, 8),
          info.get(ValueLayout.JAVA_INT, 12),
          info.get(ValueLayout.JAVA_INT, 16),
          info.get(ValueLayout.JAVA_INT, 20),
          name(info, MAP_NAME_OFFSET));
    }
  }

  /** The name of a program, its first 15 bytes, by its number; empty when it is gone. */
  static String programName(int id) throws NativeException {
    try (Arena arena = Arena.ofConfined()) {
      int program = byId(PROG_GET_FD_BY_ID, id, arena);
      if (program < 0) {
        return "";
      }
      try {
        MemorySegment info = info(program, arena.allocate(PROGRAM_INFO_BYTES, 8), arena);
        return name(info, PROGRAM_NAME_OFFSET);
      } finally {
        Sockets.close(program);
      }
    }
  }

  /**
   * The maps that a program uses, by its number.
   *
   * @return their names and descriptors, which the caller closes
   */
  static Map<String, Integer> mapsOf(int id) throws NativeException {
    Map<String, Integer> maps = new HashMap<>();
    try (Arena arena = Arena.ofConfined()) {
      int program = NativeException.check(byId(PROG_GET_FD_BY_ID, id, arena), "BPF program " + id);
      try {
        MemorySegment numbers = arena.allocate(4L * MOST_MAPS, 8);
        MemorySegment info = arena.allocate(PROGRAM_INFO_BYTES, 8);
        info.set(ValueLayout.JAVA_INT, PROGRAM_MAP_COUNT_OFFSET, MOST_MAPS);
        info.set(ValueLayout.JAVA_LONG, PROGRAM_MAPS_OFFSET, numbers.address());
        int count = info(program, info, arena).get(ValueLayout.JAVA_INT, PROGRAM_MAP_COUNT_OFFSET);
        for (int i = 0; i < Math.min(count, MOST_MAPS); i++) {
          int number = numbers.getAtIndex(ValueLayout.JAVA_INT, i);
          int map =
              NativeException.check(byId(MAP_GET_FD_BY_ID, number, arena), "BPF map " + number);
          maps.put(mapInfo(map).name(), map);
        }
      } finally {
        Sockets.close(program);
      }
    }
    return maps;
  }

  /** A descriptor of the program or map with a number, or a negative errno. */
  private static int byId(int command, int id, Arena arena) {
    MemorySegment attributes = arena.allocate(12, 8);
    attributes.set(ValueLayout.JAVA_INT, 0, id);
    return call(command, attributes);
  }

  private static MemorySegment info(int descriptor, MemorySegment room, Arena arena)
      throws NativeException {
    MemorySegment attributes = arena.allocate(16, 8);
    attributes.set(ValueLayout.JAVA_INT, 0, descriptor);
    attributes.set(ValueLayout.JAVA_INT, 4, (int) room.byteSize());
    attributes.set(ValueLayout.JAVA_LONG, 8, room.address());
    NativeException.check(call(OBJ_GET_INFO_BY_FD, attributes), "BPF_OBJ_GET_INFO_BY_FD");
    return room;
  }

  private static String name(MemorySegment info, int offset) {
    byte[] bytes = info.asSlice(offset, NAME_BYTES).toArray(ValueLayout.JAVA_BYTE);
    int end = 0;
    while (end < NAME_BYTES && bytes[end] != 0) {
      end++;
    }
    return new String(bytes, 0, end, StandardCharsets.UTF_8);
  }
}

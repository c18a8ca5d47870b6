package io.synlev.bpf;

import io.synlev.ffi.Errno;
import io.synlev.ffi.NativeException;
import io.synlev.ffi.SystemCalls;
import io.synlev.memory.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Walks one flow table in batches while the program goes on with it: a flow that comes or goes
 * meanwhile may be seen or not. Belongs to one thread.
 */
final class FlowWalk implements AutoCloseable {

  /** What is done with one element. */
  interface Visitor {

    /**
     * One element.
     *
     * @return whether to delete it
     */
    boolean visit(long key, long value);
  }

  /** More than any bucket of the kernel's table holds. */
  private static final int BATCH = 4096;

  private final int map;
  private final int keyBytes;
  private final Arena arena = Arena.ofConfined();
  private final long attributes = arena.allocate(Bpf.BATCH_BYTES, 8).address();
  private final long places = arena.allocate(16, 8).address();
  private final long keys;
  private final long values;
  private final long doomed;

  FlowWalk(int map, int keyBytes) {
    this.map = map;
    this.keyBytes = keyBytes;
    keys = arena.allocate((long) BATCH * keyBytes, 8).address();
    values = arena.allocate((long) BATCH * FlowLayout.FLOW_BYTES, 8).address();
    doomed = arena.allocate((long) BATCH * keyBytes, 8).address();
  }

  /**
   * Shows every element to a visitor and deletes those that it wants deleted.
   *
   * @return how many were deleted
   */
  long run(Visitor visitor) throws NativeException {
    long deleted = 0;
    Memory.putInt(attributes + Bpf.BATCH_MAP_OFFSET, map);
    Memory.putLong(attributes, 0);
    for (boolean isLast = false; !isLast; ) {
      Memory.putLong(attributes + Bpf.BATCH_OUT_OFFSET, places);
      Memory.putLong(attributes + Bpf.BATCH_KEYS_OFFSET, keys);
      Memory.putLong(attributes + Bpf.BATCH_VALUES_OFFSET, values);
      Memory.putInt(attributes + Bpf.BATCH_COUNT_OFFSET, BATCH);
      int result = SystemCalls.bpf(Bpf.MAP_LOOKUP_BATCH, attributes, Bpf.BATCH_BYTES);
      isLast = Errno.ENOENT.is(result);
      if (!isLast) {
        NativeException.check(result, "BPF_MAP_LOOKUP_BATCH");
      }
      int count = Memory.getInt(attributes + Bpf.BATCH_COUNT_OFFSET);
      Memory.putLong(attributes, places);
      deleted += visit(visitor, count);
    }
    return deleted;
  }

  private long visit(Visitor visitor, int count) {
    int condemned = 0;
    for (int i = 0; i < count; i++) {
      long key = keys + (long) i * keyBytes;
      if (visitor.visit(key, values + (long) i * FlowLayout.FLOW_BYTES)) {
        long to = doomed + (long) condemned * keyBytes;
        MemorySegment.copy(Memory.slice(key, keyBytes), 0, Memory.slice(to, keyBytes), 0, keyBytes);
        condemned++;
      }
    }
    return delete(condemned);
  }

  private long delete(int count) {
    long deleted = 0;
    try (Arena own = Arena.ofConfined()) {
      MemorySegment element = own.allocate(Bpf.ELEM_BYTES, 8);
      Memory.putInt(element.address(), map);
      for (int i = 0; i < count; i++) {
        long key = doomed + (long) i * keyBytes;
        Memory.putLong(element.address() + Bpf.ELEM_KEY_OFFSET, key);
        deleted += Bpf.call(Bpf.MAP_DELETE_ELEM, element) == 0 ? 1 : 0; // or it went by itself
      }
    }
    return deleted;
  }

  @Override
  public void close() {
    arena.close();
  }
}

package io.synlev.bpf;

import io.synlev.ffi.SystemCalls;
import io.synlev.memory.Memory;
import io.synlev.packet.FlowKey;
import java.lang.foreign.Arena;

/**
 * New flows of one family that wait to be written to the kernel with one system call. Belongs to
 * one thread; neither allocates nor throws once made.
 */
final class NewFlows {

  private final int family;
  private final int keyBytes;
  private final int capacity;
  private final long attributes;
  private final long keys;
  private final long values;
  private int count;

  /**
   * Allocates everything.
   *
   * @param map the descriptor of the family's table of young flows
   */
  NewFlows(Arena arena, int family, int map, int capacity) {
    this.family = family;
    this.capacity = capacity;
    keyBytes = FlowLayout.keyBytes(family);
    attributes = arena.allocate(Bpf.BATCH_BYTES, 8).address();
    keys = arena.allocate((long) capacity * keyBytes, 8).address();
    values = arena.allocate((long) capacity * FlowLayout.FLOW_BYTES, 8).address();
    Memory.putInt(attributes + Bpf.BATCH_MAP_OFFSET, map);
  }

  boolean isFull() {
    return count == capacity;
  }

  int count() {
    return count;
  }

  void add(FlowKey flow, int backend, int epoch, int state) {
    FlowLayout.writeKey(keys + (long) count * keyBytes, flow);
    FlowLayout.writeFlow(values + (long) count * FlowLayout.FLOW_BYTES, backend, epoch, state);
    count++;
  }

  /**
   * Writes the first flows to the kernel and forgets all.
   *
   * @param allowed how many, 0 to {@link #count()}
   * @return how many are in the kernel now
   */
  int write(int allowed, long nowNanos) {
    for (int i = 0; i < allowed; i++) {
      FlowLayout.writeSeen(values + (long) i * FlowLayout.FLOW_BYTES, nowNanos);
    }
    int written = 0;
    int done = 0;
    while (done < allowed) {
      Memory.putLong(attributes + Bpf.BATCH_KEYS_OFFSET, keys + (long) done * keyBytes);
      Memory.putLong(
          attributes + Bpf.BATCH_VALUES_OFFSET, values + (long) done * FlowLayout.FLOW_BYTES);
      Memory.putInt(attributes + Bpf.BATCH_COUNT_OFFSET, allowed - done);
      int result = SystemCalls.bpf(Bpf.MAP_UPDATE_BATCH, attributes, Bpf.BATCH_BYTES);
      if (result >= 0) {
        written += allowed - done;
        break;
      }
      // The kernel says how many it wrote before the one it could not; EFAULT says nothing.
      int before = Memory.getInt(attributes + Bpf.BATCH_COUNT_OFFSET);
      if (before < 0 || before >= allowed - done) {
        break;
      }
      written += before;
      done += before + 1;
    }
    count = 0;
    return written;
  }

  int family() {
    return family;
  }
}

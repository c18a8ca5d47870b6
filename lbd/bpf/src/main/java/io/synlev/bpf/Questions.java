package io.synlev.bpf;

import io.synlev.ffi.SystemCalls;
import io.synlev.memory.Memory;
import io.synlev.packet.FlowKey;
import java.lang.foreign.Arena;

/**
 * Flows that a worker asks about, all with one system call: the program {@code synlev_find} answers
 * in memory that both share. {@code struct question} of src/main/bpf/layout.h:
 *
 * <pre>
 *   0 key, 16 or 40 bytes  40 family  44 answer  48 flow, 24 bytes
 * </pre>
 *
 * <p>Belongs to one thread; neither allocates nor throws once made.
 */
final class Questions {

  /** How many workers can ask at once. */
  static final int ASKERS = 32;

  /** How much one of them can ask at once. */
  static final int MOST = 256;

  static final int BYTES = 72;

  private static final int FAMILY_OFFSET = 40;
  private static final int ANSWER_OFFSET = 44;
  private static final int FLOW_OFFSET = 48;
  private static final int NOWHERE = 0;
  private static final int YOUNG = 1;

  /** BPF_PROG_TEST_RUN: 0 program, 40 bytes of the context, 48 context. */
  private static final int RUN_BYTES = 80;

  private final long questions;
  private final long attributes;
  private final long request;
  private final long key;
  private int count;
  private int next;

  /**
   * Allocates everything.
   *
   * @param shared where the first asker's questions are
   * @param asker below {@link #ASKERS}; nobody else has the same
   * @param program the descriptor of {@code synlev_find}
   */
  Questions(Arena arena, long shared, int asker, int program) {
    questions = shared + (long) asker * MOST * BYTES;
    request = arena.allocate(8, 8).address();
    key = arena.allocate(FlowLayout.KEY6_BYTES, 8).address();
    attributes = arena.allocate(RUN_BYTES, 8).address();
    Memory.putInt(request, asker);
    Memory.putInt(attributes, program);
    Memory.putInt(attributes + 40, 8);
    Memory.putLong(attributes + 48, request);
  }

  /** Forgets questions and answers. */
  void clear() {
    count = 0;
    next = 0;
  }

  /** Adds a question, if there is room; of TCP, UDP or SCTP. */
  void add(FlowKey flow) {
    if (count < MOST) {
      long question = at(count++);
      FlowLayout.writeKey(question, flow);
      Memory.putInt(question + FAMILY_OFFSET, flow.family);
    }
  }

  /** Gets all answers. If the kernel refuses there are none. */
  void ask() {
    if (count == 0) {
      return;
    }
    Memory.putInt(request + 4, count);
    if (SystemCalls.bpf(Bpf.PROG_TEST_RUN, attributes, RUN_BYTES) < 0) {
      clear();
    }
  }

  /**
   * The question about a flow; fastest when they are looked for in the order in which they were
   * added.
   *
   * @return for the methods below, or 0: it was not asked
   */
  long question(FlowKey flow) {
    if (count == 0) {
      return 0;
    }
    FlowLayout.writeKey(key, flow);
    int bytes = FlowLayout.keyBytes(flow.family);
    for (int i = 0; i < count; i++) {
      long question = at(next);
      next = next + 1 == count ? 0 : next + 1;
      if (Memory.getInt(question + FAMILY_OFFSET) == flow.family && isKey(question, bytes)) {
        return question;
      }
    }
    return 0;
  }

  private boolean isKey(long question, int bytes) {
    for (int i = 0; i < bytes; i += 8) {
      if (Memory.getLong(question + i) != Memory.getLong(key + i)) {
        return false;
      }
    }
    return true;
  }

  private long at(int index) {
    return questions + (long) index * BYTES;
  }

  static boolean isFound(long question) {
    return Memory.getInt(question + ANSWER_OFFSET) != NOWHERE;
  }

  static boolean isYoung(long question) {
    return Memory.getInt(question + ANSWER_OFFSET) == YOUNG;
  }

  /** Where the flow that was found is, for {@link FlowLayout}. */
  static long flow(long question) {
    return question + FLOW_OFFSET;
  }
}

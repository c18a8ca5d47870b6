package io.synlev.steering.trace;

import io.synlev.datapath.Action;
import io.synlev.datapath.Decision;
import io.synlev.datapath.Reason;
import io.synlev.memory.Memory;
import io.synlev.steering.View;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What one worker has seen and nobody has read yet: bounded, on the heap, for one writer and one
 * reader. Writing allocates nothing and never waits; what finds no room is refused.
 *
 * <p>A record is {@value #HEADER_WORDS} words and the packet's bytes, eight a word, in the
 * machine's order:
 *
 * <pre>
 *   0  time of the batch
 *   1  table generation
 *   2  mark                     | backend index
 *   3  hash                     | slot
 *   4  service index            | action, reason id
 *   5  bytes that were there    | bytes that are kept
 * </pre>
 *
 * <p>Positions grow for ever; a word's place is its position modulo the ring's size. The writer
 * stores the words, then {@code head} with release; the reader loads {@code head} with acquire,
 * reads, then stores {@code tail} with release, which the writer loads with acquire before it
 * writes there again.
 */
final class TraceRing {
  /** 256 KiB: sixteen workers take 4 MiB. */
  static final int WORDS = 1 << 15;

  private static final int HEADER_WORDS = 6;

  /** No record is shorter than this, so the views of all that there can be find room. */
  private static final int VIEWS = WORDS / 4;

  private static final Action[] ACTIONS = Action.values();
  private static final Reason[] REASONS = new Reason[Reason.LIMIT];
  private static final VarHandle HEAD;
  private static final VarHandle TAIL;

  static {
    for (Reason reason : Reason.values()) {
      REASONS[reason.id()] = reason;
    }
    try {
      HEAD = MethodHandles.lookup().findVarHandle(TraceRing.class, "head", long.class);
      TAIL = MethodHandles.lookup().findVarHandle(TraceRing.class, "tail", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final long[] words = new long[WORDS];
  private final View[] views = new View[VIEWS];
  private long head;
  private long tail;
  private long written;
  private long read;

  /**
   * Stores a packet; the worker's thread.
   *
   * @param view whose services the decision names; null if that is not known
   * @param kept how many of the packet's bytes to store, at most {@code length}
   * @return false if there is no room
   */
  boolean put(View view, long nowNanos, Decision decision, long address, int length, int kept) {
    long at = head;
    int size = HEADER_WORDS + (kept + 7 >> 3);
    if (at + size - (long) TAIL.getAcquire(this) > WORDS) {
      return false;
    }
    views[(int) (written++ & VIEWS - 1)] = view;
    set(at, nowNanos);
    set(at + 1, decision.generation);
    set(at + 2, pair(decision.mark, decision.backend));
    set(at + 3, pair(decision.hash, decision.slot));
    set(at + 4, pair(decision.service, decision.action.ordinal() << 8 | decision.reason.id()));
    set(at + 5, pair(length, kept));
    copy(at + HEADER_WORDS, address, kept);
    HEAD.setRelease(this, at + size);
    return true;
  }

  private void copy(long to, long address, int bytes) {
    int whole = bytes & ~7;
    long position = to;
    for (int i = 0; i < whole; i += 8) {
      set(position++, Memory.getLong(address + i));
    }
    if (whole < bytes) {
      // Byte by byte: nothing behind the packet may be read.
      long last = 0;
      for (int i = bytes - 1; i >= whole; i--) {
        last = last << 8 | Memory.getByte(address + i) & 0xff;
      }
      set(
          position,
          ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? last : Long.reverseBytes(last));
    }
  }

  /**
   * Takes the oldest packet out; one reader at a time.
   *
   * @param worker whose ring this is
   * @return null if there is none
   */
  TracedPacket take(int worker) {
    long at = tail;
    if (at == (long) HEAD.getAcquire(this)) {
      return null;
    }
    Decision decision = new Decision();
    decision.generation = get(at + 1);
    decision.mark = first(get(at + 2));
    decision.backend = (int) get(at + 2);
    decision.hash = first(get(at + 3));
    decision.slot = (int) get(at + 3);
    decision.service = first(get(at + 4));
    int outcome = (int) get(at + 4);
    decision.action = ACTIONS[outcome >> 8];
    decision.reason = REASONS[outcome & 0xff];
    int kept = (int) get(at + 5);
    int inWords = kept + 7 >> 3;
    ByteBuffer bytes = ByteBuffer.allocate(inWords << 3).order(ByteOrder.nativeOrder());
    for (int i = 0; i < inWords; i++) {
      bytes.putLong(get(at + HEADER_WORDS + i));
    }
    int view = (int) (read++ & VIEWS - 1);
    TracedPacket packet =
        new TracedPacket(
            worker,
            get(at),
            views[view],
            decision,
            first(get(at + 5)),
            java.util.Arrays.copyOf(bytes.array(), kept));
    views[view] = null;
    TAIL.setRelease(this, at + HEADER_WORDS + inWords);
    return packet;
  }

  private void set(long position, long value) {
    words[(int) position & WORDS - 1] = value;
  }

  private long get(long position) {
    return words[(int) position & WORDS - 1];
  }

  private static long pair(int first, int second) {
    return (long) first << 32 | second & 0xffff_ffffL;
  }

  private static int first(long pair) {
    return (int) (pair >>> 32);
  }
}

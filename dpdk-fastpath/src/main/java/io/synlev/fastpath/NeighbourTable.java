package io.synlev.fastpath;

import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Which Ethernet address neighbours have, and how sure that is: the neighbour cache of RFC 4861
 * (7.3.2), for ARP as well. Shared by all workers; no allocation, and nobody waits for anybody.
 *
 * <p>Entries are made only for those whom we want to reach, so strangers cannot fill the table. An
 * entry is one word, which any worker changes by compare-and-set, and its key:
 *
 * <pre>
 *   63      51 50   48 47                                  0
 *   | version | state | Ethernet address, first byte highest |
 * </pre>
 *
 * <p>Keys change only while the state is {@link #NONE}, under a flag that is tried for, and then
 * the version differs: who reads the word, the key and the version again has both of one entry.
 */
final class NeighbourTable {

  /** States, in bits 48 to 50 of an entry's word. */
  static final int NONE = 0;

  /** Asked for; its address is not known yet. */
  static final int INCOMPLETE = 1;

  /** Confirmed a short while ago. */
  static final int REACHABLE = 2;

  /** Known, and to be asked when it is used again. */
  static final int STALE = 3;

  /** Known, and being asked. */
  static final int PROBE = 4;

  /** Did not answer; to be asked again when it is wanted again. */
  static final int FAILED = 5;

  /** What {@link #find} and {@link #add} answer when there is no entry. */
  static final int NOWHERE = -1;

  /** What {@link #add} answers when another worker changes the table, or has made the entry. */
  static final int BUSY = -2;

  private static final int STATE_BIT = 48;
  private static final int VERSION_BIT = 51;
  private static final long MAC = 0xffff_ffff_ffffL;

  /** How many places a key may be at. */
  private static final int PLACES = 16;

  private static final long SPREAD = 0x9e37_79b9_7f4a_7c15L;

  private final AtomicLongArray words;
  private final long[] high;
  private final long[] low;

  /** When the entry's next step is due, and when it was last wanted. */
  private final AtomicLongArray due;

  private final AtomicLongArray wanted;

  /** Requests since the state began; {@link NeighbourTimers} alone reads and writes them. */
  final int[] requests;

  private final int mask;
  private final int most;
  private final AtomicBoolean changing = new AtomicBoolean();
  private int entries;

  /** Makes one for at most so many neighbours. */
  NeighbourTable(int most) {
    this.most = most;
    int capacity = Math.max(PLACES, Integer.highestOneBit(2 * most - 1) * 2);
    mask = capacity - 1;
    words = new AtomicLongArray(capacity);
    due = new AtomicLongArray(capacity);
    wanted = new AtomicLongArray(capacity);
    high = new long[capacity];
    low = new long[capacity];
    requests = new int[capacity];
  }

  int capacity() {
    return mask + 1;
  }

  /**
   * Where the entry of a key is, or {@link #NOWHERE}; {@link #word(int, long, long)} makes sure.
   */
  int find(long keyHigh, long keyLow) {
    int start = start(keyHigh, keyLow);
    for (int i = 0; i < PLACES; i++) {
      int at = start + i & mask;
      long word = words.getAcquire(at);
      if (state(word) != NONE && low[at] == keyLow && high[at] == keyHigh) {
        return at;
      }
    }
    return NOWHERE;
  }

  /**
   * Makes an entry in state {@link #INCOMPLETE}, whose first request the caller sends.
   *
   * @param dueNanos when the next request is due
   * @return the entry; {@link #NOWHERE}, when the table is full; or {@link #BUSY}
   */
  int add(long keyHigh, long keyLow, long nowNanos, long dueNanos) {
    if (!changing.compareAndSet(false, true)) {
      return BUSY;
    }
    try {
      if (find(keyHigh, keyLow) != NOWHERE) {
        return BUSY;
      }
      if (entries >= most) {
        return NOWHERE;
      }
      int start = start(keyHigh, keyLow);
      for (int i = 0; i < PLACES; i++) {
        int at = start + i & mask;
        long word = words.getPlain(at);
        if (state(word) == NONE) {
          high[at] = keyHigh;
          low[at] = keyLow;
          due.setOpaque(at, dueNanos);
          wanted.setOpaque(at, nowNanos);
          words.setRelease(at, word & ~MAC | (long) INCOMPLETE << STATE_BIT);
          entries++;
          return at;
        }
      }
      return NOWHERE;
    } finally {
      changing.set(false);
    }
  }

  /** Forgets an entry; false if another worker changes the table just now. */
  boolean remove(int at) {
    if (!changing.compareAndSet(false, true)) {
      return false;
    }
    try {
      long version = (words.getPlain(at) >>> VERSION_BIT) + 1;
      words.setRelease(at, version << VERSION_BIT);
      requests[at] = 0;
      entries--;
      return true;
    } finally {
      changing.set(false);
    }
  }

  /** The word of an entry if it is still that of a key; otherwise 0, which is one without. */
  long word(int at, long keyHigh, long keyLow) {
    long word = words.getAcquire(at);
    boolean isIts = low[at] == keyLow && high[at] == keyHigh;
    VarHandle.acquireFence();
    boolean isStill = words.getOpaque(at) >>> VERSION_BIT == word >>> VERSION_BIT;
    return isIts && isStill ? word : 0;
  }

  /** An entry's word, for {@link #state}, {@link #mac} and {@link #change}. */
  long word(int at) {
    return words.getAcquire(at);
  }

  static int state(long word) {
    return (int) (word >>> STATE_BIT) & 7;
  }

  /** The Ethernet address, or 0 while none is known. */
  static long mac(long word) {
    return word & MAC;
  }

  /**
   * Changes an entry, unless it has changed since its word was read.
   *
   * @param dueNanos when its next step is due
   */
  boolean change(int at, long word, int state, long mac, long dueNanos) {
    due.setOpaque(at, dueNanos);
    long next = word >>> VERSION_BIT << VERSION_BIT | (long) state << STATE_BIT | mac;
    return words.compareAndSet(at, word, next);
  }

  long due(int at) {
    return due.getOpaque(at);
  }

  void setDue(int at, long nanos) {
    due.setOpaque(at, nanos);
  }

  /** When it was last wanted, to some tenth of a second. */
  long wanted(int at) {
    return wanted.getOpaque(at);
  }

  void setWanted(int at, long nanos) {
    wanted.setOpaque(at, nanos);
  }

  /** The halves of an entry's key. */
  long high(int at) {
    return high[at];
  }

  long low(int at) {
    return low[at];
  }

  private int start(long keyHigh, long keyLow) {
    long mixed = (keyHigh * SPREAD ^ keyLow) * SPREAD;
    return (int) (mixed >>> 32) & mask;
  }
}

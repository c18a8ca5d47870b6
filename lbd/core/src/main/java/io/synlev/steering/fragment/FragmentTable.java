package io.synlev.steering.fragment;

import io.synlev.hash.FlowHash;
import java.util.Arrays;

/**
 * Where the first fragments of recent datagrams went: a hash table of fixed size whose oldest entry
 * makes room.
 *
 * <p>An entry is made by a first fragment, and lives for a fixed time since the latest one of its
 * datagram, complete or not: duplicates that come after completion find it. So fragments without a
 * first one cannot push anything out. Entries are numbers from 0 to {@code capacity - 1}; what an
 * entry leads to is the owner's business.
 *
 * <p>Of each datagram the places of the first {@value #PLACES} fragments are known, to tell
 * duplicates and overlaps: 65535 bytes in fragments of 1448 are 46. Hot: no allocation, no lock, no
 * exception. Belongs to one thread; time only grows.
 */
public final class FragmentTable {

  /** No entry. */
  public static final int NONE = -1;

  /** The places that are known of one datagram. */
  static final int PLACES = 48;

  private final int capacity;
  private final long lifeNanos;
  private final FlowHash hash;
  private final int mask;
  private final int[] buckets;
  private final int[] nextInBucket;
  private final int[] bucketOf;
  private final KeyStore keys;
  private final long[] bornNanos;

  /** Age, as a ring through {@code capacity}: next is the next younger, at the end the oldest. */
  private final int[] younger;

  private final int[] older;

  /** {@code start << 16 | end}, in units of 8 bytes. */
  private final int[] places;

  private final short[] placeCount;
  private int free;
  private int size;
  private long evicted;

  /**
   * Allocates everything there will ever be.
   *
   * @param capacity the most entries
   * @param lifeNanos how long an entry is found
   */
  public FragmentTable(int capacity, long lifeNanos, FlowHash hash) {
    this.capacity = capacity;
    this.lifeNanos = lifeNanos;
    this.hash = hash;
    mask = Integer.highestOneBit(Math.max(capacity, 1) * 2 - 1) - 1;
    buckets = new int[mask + 1];
    Arrays.fill(buckets, NONE);
    nextInBucket = new int[capacity];
    bucketOf = new int[capacity];
    keys = new KeyStore(capacity);
    bornNanos = new long[capacity];
    younger = new int[capacity + 1];
    older = new int[capacity + 1];
    younger[capacity] = capacity;
    older[capacity] = capacity;
    places = new int[capacity * PLACES];
    placeCount = new short[capacity];
    for (int entry = 0; entry < capacity; entry++) {
      nextInBucket[entry] = entry + 1 < capacity ? entry + 1 : NONE;
    }
  }

  /** The live entry of a datagram, or {@link #NONE}. */
  public int find(FragmentKey key, long nowNanos) {
    int entry = buckets[key.hash(hash) & mask];
    while (entry != NONE && !keys.is(entry, key)) {
      entry = nextInBucket[entry];
    }
    return entry == NONE || isOver(entry, nowNanos) ? NONE : entry;
  }

  /**
   * Makes an entry, in place of an older one of the same datagram or, when there is no room, of the
   * oldest one.
   */
  public int insert(FragmentKey key, long nowNanos) {
    int bucket = key.hash(hash) & mask;
    int same = buckets[bucket];
    while (same != NONE && !keys.is(same, key)) {
      same = nextInBucket[same];
    }
    if (same != NONE) {
      remove(same);
    }
    expire(nowNanos, 2);
    if (free == NONE) {
      remove(younger[capacity]);
      evicted++;
    }
    int entry = free;
    free = nextInBucket[entry];
    keys.put(entry, key);
    bucketOf[entry] = bucket;
    nextInBucket[entry] = buckets[bucket];
    buckets[bucket] = entry;
    placeCount[entry] = 0;
    size++;
    becomeYoungest(entry, nowNanos);
    return entry;
  }

  /** Lets a live entry begin its life anew. */
  public void renew(int entry, long nowNanos) {
    leaveAge(entry);
    becomeYoungest(entry, nowNanos);
  }

  /**
   * Tells how a fragment lies to those seen before, and remembers it.
   *
   * @param entry a live entry
   * @param offset where its data begin, in bytes, 0 to 65528
   * @param length how many bytes they are, 0 to 65535
   */
  public Coverage cover(int entry, int offset, int length) {
    int start = offset >> 3;
    int end = offset + length + 7 >> 3;
    int place = start << 16 | end;
    int first = entry * PLACES;
    int count = placeCount[entry];
    boolean overlap = false;
    for (int i = first; i < first + count; i++) {
      int other = places[i];
      if (other == place) {
        return Coverage.DUPLICATE;
      }
      overlap |= start < (other & 0xffff) && end > other >>> 16;
    }
    if (count < PLACES) {
      places[first + count] = place;
      placeCount[entry] = (short) (count + 1);
    }
    return overlap ? Coverage.OVERLAP : Coverage.FRESH;
  }

  /** Forgets entries whose life is over, the oldest first, at most so many. */
  public void expire(long nowNanos, int most) {
    for (int i = 0; i < most && size > 0 && isOver(younger[capacity], nowNanos); i++) {
      remove(younger[capacity]);
    }
  }

  private boolean isOver(int entry, long nowNanos) {
    return nowNanos - bornNanos[entry] >= lifeNanos;
  }

  private void remove(int entry) {
    int bucket = bucketOf[entry];
    if (buckets[bucket] == entry) {
      buckets[bucket] = nextInBucket[entry];
    } else {
      int before = buckets[bucket];
      while (nextInBucket[before] != entry) {
        before = nextInBucket[before];
      }
      nextInBucket[before] = nextInBucket[entry];
    }
    leaveAge(entry);
    nextInBucket[entry] = free;
    free = entry;
    size--;
  }

  private void leaveAge(int entry) {
    younger[older[entry]] = younger[entry];
    older[younger[entry]] = older[entry];
  }

  private void becomeYoungest(int entry, long nowNanos) {
    bornNanos[entry] = nowNanos;
    int youngest = older[capacity];
    older[entry] = youngest;
    younger[entry] = capacity;
    younger[youngest] = entry;
    older[capacity] = entry;
  }

  /** The most entries. */
  public int capacity() {
    return capacity;
  }

  /** How many entries there are, some of which may be over. */
  public int size() {
    return size;
  }

  /** How many live entries have made room for others since the start. */
  public long evicted() {
    return evicted;
  }
}

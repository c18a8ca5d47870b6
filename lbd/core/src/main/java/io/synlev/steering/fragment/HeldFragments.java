package io.synlev.steering.fragment;

import io.synlev.datapath.HeldPackets;
import io.synlev.hash.FlowHash;
import java.util.Arrays;

/**
 * Fragments that came before the first one of their datagram, found by datagram: a ring in order of
 * arrival, whose oldest one makes room.
 *
 * <p>The packets themselves are with {@link HeldPackets}; this bounds their number, and {@link
 * HeldPackets#hold} their bytes. Whoever floods it with fragments that have no first one shortens
 * the time that others are held, and nothing else. Hot: no allocation, no lock, no exception.
 * Belongs to one thread; time only grows.
 */
public final class HeldFragments {

  private static final int NONE = -1;

  private final int capacity;
  private final long lifeNanos;
  private final FlowHash hash;
  private final HeldPackets packets;
  private final int mask;
  private final int[] oldestInBucket;
  private final int[] youngestInBucket;
  private final int[] nextInBucket;
  private final int[] bucketOf;
  private final KeyStore keys;
  private final long[] arrivedNanos;

  /** What {@link HeldPackets} calls the packet; NONE when it has gone already. */
  private final int[] handles;

  private int oldest;
  private int used;
  private int size;
  private long released;
  private long lost;
  private long expired;
  private long evicted;

  /**
   * Allocates everything there will ever be.
   *
   * @param capacity the most fragments
   * @param lifeNanos how long each is held
   */
  public HeldFragments(int capacity, long lifeNanos, FlowHash hash, HeldPackets packets) {
    this.capacity = capacity;
    this.lifeNanos = lifeNanos;
    this.hash = hash;
    this.packets = packets;
    mask = Integer.highestOneBit(Math.max(capacity, 1) * 2 - 1) - 1;
    oldestInBucket = new int[mask + 1];
    Arrays.fill(oldestInBucket, NONE);
    youngestInBucket = oldestInBucket.clone();
    nextInBucket = new int[capacity];
    bucketOf = new int[capacity];
    keys = new KeyStore(capacity);
    arrivedNanos = new long[capacity];
    handles = new int[capacity];
  }

  /**
   * Holds a fragment.
   *
   * @return false when it is longer than everything that may be held
   */
  public boolean hold(FragmentKey key, long address, int length, long nowNanos) {
    expire(nowNanos);
    if (used == capacity) {
      evictOldest();
    }
    int handle = packets.hold(address, length);
    while (handle == HeldPackets.NONE && used > 0) {
      evictOldest();
      handle = packets.hold(address, length);
    }
    if (handle == HeldPackets.NONE) {
      return false;
    }
    int slot = oldest + used++;
    append(slot < capacity ? slot : slot - capacity, key, handle, nowNanos);
    return true;
  }

  private void append(int slot, FragmentKey key, int handle, long nowNanos) {
    int bucket = key.hash(hash) & mask;
    keys.put(slot, key);
    arrivedNanos[slot] = nowNanos;
    handles[slot] = handle;
    bucketOf[slot] = bucket;
    nextInBucket[slot] = NONE;
    if (oldestInBucket[bucket] == NONE) {
      oldestInBucket[bucket] = slot;
    } else {
      nextInBucket[youngestInBucket[bucket]] = slot;
    }
    youngestInBucket[bucket] = slot;
    size++;
  }

  /**
   * Lets the fragments of a datagram go, in order of arrival.
   *
   * @param send whether they go on their way again, or end here
   */
  public void release(FragmentKey key, boolean send) {
    if (size == 0) {
      return;
    }
    int bucket = key.hash(hash) & mask;
    int before = NONE;
    int slot = oldestInBucket[bucket];
    while (slot != NONE) {
      int next = nextInBucket[slot];
      if (keys.is(slot, key)) {
        unlink(bucket, before, slot);
        letGo(slot, send);
      } else {
        before = slot;
      }
      slot = next;
    }
    skipGone();
  }

  private void letGo(int slot, boolean send) {
    int handle = handles[slot];
    handles[slot] = NONE;
    size--;
    if (!send) {
      packets.discard(handle);
      lost++;
    } else if (packets.release(handle)) {
      released++;
    } else {
      lost++;
    }
  }

  /** Gives up what has been held for too long. */
  public void expire(long nowNanos) {
    while (used > 0 && (handles[oldest] == NONE || nowNanos - arrivedNanos[oldest] >= lifeNanos)) {
      if (handles[oldest] != NONE) {
        expired++;
      }
      removeOldest();
    }
  }

  private void evictOldest() {
    if (handles[oldest] != NONE) {
      evicted++;
    }
    removeOldest();
  }

  private void removeOldest() {
    if (handles[oldest] != NONE) {
      // What is oldest of all is oldest in its bucket.
      unlink(bucketOf[oldest], NONE, oldest);
      packets.discard(handles[oldest]);
      handles[oldest] = NONE;
      size--;
    }
    oldest = oldest + 1 == capacity ? 0 : oldest + 1;
    used--;
  }

  private void skipGone() {
    while (used > 0 && handles[oldest] == NONE) {
      removeOldest();
    }
  }

  private void unlink(int bucket, int before, int slot) {
    int next = nextInBucket[slot];
    if (before == NONE) {
      oldestInBucket[bucket] = next;
    } else {
      nextInBucket[before] = next;
    }
    if (next == NONE) {
      youngestInBucket[bucket] = before;
    }
  }

  /** How many fragments are held. */
  public int size() {
    return size;
  }

  /** How many went on their way again since the start. */
  public long released() {
    return released;
  }

  /** How many could not be sent, or were not to be, since the start. */
  public long lost() {
    return lost;
  }

  /** How many were held to the end of their life since the start. */
  public long expired() {
    return expired;
  }

  /** How many made room for others before that since the start. */
  public long evicted() {
    return evicted;
  }
}

package io.synlev.fastpath;

/**
 * Where a table's buckets and keys are. All buckets come first and the keys behind them: the
 * buckets of a million flows fit into a processor's last cache, and a packet waits for memory once.
 *
 * <p>Immutable; pure arithmetic. What is at the addresses, {@link FlowBucket} tells.
 */
final class FlowMemory {

  private final long buckets;
  private final int count;

  /** What to add to eight times a bucket's address for its first key. */
  private final long toKeys;

  /**
   * Names the memory.
   *
   * @param address of {@link #bytes} bytes, at the beginning of a cache line
   * @param count of buckets, 1 or more
   */
  FlowMemory(long address, int count) {
    this.buckets = address;
    this.count = count;
    toKeys = address + (long) count * FlowBucket.BYTES - address * FlowBucket.PLACES;
  }

  /** How much memory so many buckets take with their keys. */
  static long bytes(int count) {
    return (long) count * (FlowBucket.BYTES + FlowBucket.PLACES * FlowBucket.KEY_BYTES);
  }

  int count() {
    return count;
  }

  /** The bucket of a hash, named by its highest bits. */
  long bucket(int hash) {
    return at((int) ((hash & 0xffff_ffffL) * count >>> 32));
  }

  /** A bucket by its number. */
  long at(int number) {
    return buckets + (long) number * FlowBucket.BYTES;
  }

  /** Where the key of a place is. */
  long key(long bucket, int place) {
    return bucket * FlowBucket.PLACES + toKeys + (long) place * FlowBucket.KEY_BYTES;
  }

  /** The same of a bucket and place that are joined. */
  long key(long found) {
    return key(FlowBucket.bucket(found), FlowBucket.place(found));
  }
}

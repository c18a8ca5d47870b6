package io.synlev.state;

import io.synlev.memory.Memory;

/**
 * One worker's look at one pool: the addresses of the generation in force.
 *
 * <p>Hot code: nothing is allocated, locked or thrown. A look-up is a multiplication and two reads;
 * {@link #refresh} costs one comparison while the epoch stands still. What it returns may be torn
 * while a writer publishes, yet stays inside the table; the caller re-reads the instance's epoch
 * behind an acquire fence and decides again if it moved (see {@link Instance#epoch}).
 *
 * <p>Not thread-safe: one object per worker.
 */
public final class PoolCursor {
  /** What {@link #backend} answers when no backend takes new flows. */
  public static final int NONE = -1;

  /** No epoch is negative. */
  private static final long NEVER = -1;

  private final Pool pool;
  private final long base;
  private final PoolLayout layout;
  private final int slots;
  private final int capacity;
  private final HashOn hashOn;
  private final Forwarding forwarding;
  private final Policy policy;
  private final int ownFwmark;
  private final long packets;

  private long epochSeen = NEVER;
  private int turn;
  private long generation;
  private long table;
  private long marks;
  private long records;

  PoolCursor(Pool pool, int worker) {
    PoolSettings settings = pool.settings();
    this.pool = pool;
    this.base = pool.address();
    this.layout = PoolLayout.of(settings);
    this.slots = settings.slots();
    this.capacity = settings.capacity();
    this.hashOn = settings.hashOn();
    this.forwarding = settings.forwarding();
    this.policy = settings.policy();
    this.turn = worker % slots;
    this.ownFwmark = settings.ownFwmark();
    this.packets = base + layout.packetsOffset(worker % PoolLayout.WORKERS, 0);
  }

  /**
   * Goes to the generation in force, unless it was done under this epoch already. While the epoch
   * is odd a generation may be published without its changing, so then every call looks.
   *
   * @param epoch the instance's epoch, read with acquire before this call
   */
  public void refresh(long epoch) {
    if (epoch != epochSeen) {
      load(epoch);
    }
  }

  private void load(long epoch) {
    generation = Memory.getLongAcquire(base + PoolLayout.GENERATION_OFFSET);
    long slot = base + layout.generationSlotOffset(generation);
    table = slot + PoolLayout.TABLE_OFFSET;
    marks = slot + layout.marksOffset();
    records = slot + layout.recordOffset(0);
    epochSeen = (epoch & 1) == 0 ? epoch : NEVER;
  }

  /** The slot of a hash: the hash's share of the table, by multiplication instead of division. */
  public int slot(int hash) {
    return (int) ((hash & 0xffffffffL) * slots >>> 32);
  }

  /**
   * The backend of a hash.
   *
   * @return its index, 0 to capacity - 1, or {@link #NONE}
   */
  public int backend(int hash) {
    return backendAt(slot(hash));
  }

  /**
   * The backend of a slot.
   *
   * @param slot that {@link #slot} returned
   * @return its index, 0 to capacity - 1, or {@link #NONE}
   */
  public int backendAt(int slot) {
    int index = Memory.getUnsignedShort(table + 2L * slot, 0);
    return index < capacity ? index : NONE;
  }

  /** How new flows are given out where flows are remembered. */
  public Policy policy() {
    return policy;
  }

  /** The slot behind the one that was returned before. */
  public int nextTurn() {
    turn = next(turn);
    return turn;
  }

  /** The slot behind another one; behind the last one comes the first. */
  public int next(int slot) {
    return slot + 1 == slots ? 0 : slot + 1;
  }

  /** The fwmark of the backend at an index that {@link #backend} returned. */
  public int mark(int backend) {
    return Memory.getInt(marks + 4L * backend);
  }

  /**
   * Whether a backend has this fwmark, be it active or not.
   *
   * @param mark not 0
   */
  public boolean hasMark(int mark) {
    for (int i = 0; i < capacity; i++) { // a free record's mark is 0
      if (Memory.getInt(marks + 4L * i) == mark) {
        return true;
      }
    }
    return false;
  }

  /**
   * Copies where the backend at an index is that {@link #backend} returned. It may be torn as all
   * the rest, and stands when the epoch does.
   */
  public void nextHop(int backend, NextHop out) {
    long record = records + (long) backend * PoolLayout.RECORD_BYTES;
    int flags = Memory.getUnsignedByte(record, PoolLayout.FLAGS_OFFSET);
    out.isKnown = true;
    if (out.forwarding != forwarding) { // to store a reference costs more than to compare it
      out.forwarding = forwarding;
    }
    out.mac = Memory.getLong(record, PoolLayout.MAC_OFFSET);
    out.hasIpv4 = (flags & PoolLayout.HAS_IPV4) != 0;
    out.ipv4 = Memory.getIntBe(record, PoolLayout.IPV4_OFFSET);
    out.hasIpv6 = (flags & PoolLayout.HAS_IPV6) != 0;
    if (out.hasIpv6) {
      out.ipv6High = Memory.getLongBe(record, PoolLayout.IPV6_OFFSET);
      out.ipv6Low = Memory.getLongBe(record, PoolLayout.IPV6_OFFSET + Long.BYTES);
    }
  }

  /**
   * What tells the backend at an index from another one that has the index before or after: a hash
   * of the names of pool and backend.
   *
   * @param backend any number from 0 on
   * @return 0 where there is none
   */
  public int identity(int backend) {
    return backend < capacity
        ? Memory.getInt(
            records + (long) backend * PoolLayout.RECORD_BYTES + PoolLayout.IDENTITY_OFFSET)
        : 0;
  }

  /**
   * The weight of the backend at an index that {@link #backend} returned, as it is while it starts
   * slowly: in hundredths, 0 to 1,000,000.
   */
  public int weight(int backend) {
    long record = records + (long) backend * PoolLayout.RECORD_BYTES;
    return Memory.getInt(record, PoolLayout.WEIGHT_OFFSET)
        * Memory.getUnsignedByte(record, PoolLayout.RAMP_OFFSET);
  }

  /** The number of the generation that the other methods read. */
  public long generation() {
    return generation;
  }

  /** Which fields of a packet are hashed for this pool. */
  public HashOn hashOn() {
    return hashOn;
  }

  /** This balancer's own mark if the pool is a tier of balancers, otherwise 0. */
  public int ownFwmark() {
    return ownFwmark;
  }

  /** The pool that it looks at. */
  public Pool pool() {
    return pool;
  }

  /** Counts a packet for a backend. */
  public void count(int backend) {
    count(counter(backend));
  }

  /** Where packets for a backend are counted by {@link #count(long)}. */
  public long counter(int backend) {
    return packets + (long) backend * Long.BYTES;
  }

  /**
   * Counts a packet.
   *
   * @param counter what {@link #counter} returned, of a pool that is still there
   */
  public static void count(long counter) {
    Memory.putLongOpaque(counter, Memory.getLongOpaque(counter) + 1);
  }
}

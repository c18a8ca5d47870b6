package io.synlev.state;

/**
 * A pool: one region whose size follows from its slots and capacity.
 *
 * <pre>
 *   offset  bytes
 *        0      8  magic
 *        8      4  layout version
 *       12      4  slots (M)
 *       16      4  capacity (N)
 *       20      4  policy
 *       24      4  hash on
 *       28      4  own fwmark, or 0
 *       32      4  forwarding
 *       64      8  generation; generation slot (generation &amp; 1) is in force
 *      128         packets steered: [worker 0..15][N], 8 bytes each, each written by one worker
 *   --- two generation slots, each beginning at a multiple of 64:
 *        0      8  number of this generation
 *       64    2 M  table: index of the slot's backend, 0xffff for none
 *            4 N   marks: fwmark of each backend
 *          128 N   records of the backends:
 *                    0  1  length of the name, 0 for a free record
 *                    1 63  name, ASCII
 *                   64  4  weight
 *                   68  1  administrative state
 *                   69  1  health
 *                   70  1  flags: 1 IPv4, 2 IPv6, 4 MAC
 *                   71  1  percent of the weight, less than 100 while it starts slowly
 *                   72  8  MAC
 *                   80  4  IPv4, network order
 *                   88 16  IPv6, network order
 *                  104  8  end of the drain, seconds since 1970; 0 for none
 *                  112  8  identity: a hash of the names of pool and backend
 * </pre>
 *
 * <p>A backend keeps its index for life. What is published together stays together: the table and
 * the records it points to are of one generation.
 */
final class PoolLayout {
  /** "SYNLEVPL" read as a little-endian long. */
  static final long MAGIC = 0x4c50_5645_4c4e_5953L;

  static final int MAGIC_OFFSET = 0;
  static final int VERSION_OFFSET = 8;
  static final int SLOTS_OFFSET = 12;
  static final int CAPACITY_OFFSET = 16;
  static final int POLICY_OFFSET = 20;
  static final int HASH_ON_OFFSET = 24;
  static final int OWN_FWMARK_OFFSET = 28;
  static final int FORWARDING_OFFSET = 32;
  static final int GENERATION_OFFSET = 64;
  static final int PACKETS_OFFSET = 128;

  /** Workers that count packets per backend; workers beyond share the counters modulo this. */
  static final int WORKERS = 16;

  static final int TABLE_OFFSET = 64;
  static final int RECORD_BYTES = 128;
  static final int NAME_LENGTH_OFFSET = 0;
  static final int NAME_OFFSET = 1;
  static final int WEIGHT_OFFSET = 64;
  static final int STATE_OFFSET = 68;
  static final int HEALTH_OFFSET = 69;
  static final int FLAGS_OFFSET = 70;
  static final int RAMP_OFFSET = 71;
  static final int MAC_OFFSET = 72;
  static final int IPV4_OFFSET = 80;
  static final int IPV6_OFFSET = 88;
  static final int DRAIN_UNTIL_OFFSET = 104;
  static final int IDENTITY_OFFSET = 112;
  static final int HAS_IPV4 = 1;
  static final int HAS_IPV6 = 2;
  static final int HAS_MAC = 4;

  private final int slots;
  private final int capacity;

  PoolLayout(int slots, int capacity) {
    this.slots = slots;
    this.capacity = capacity;
  }

  static PoolLayout of(PoolSettings settings) {
    return new PoolLayout(settings.slots(), settings.capacity());
  }

  long packetsOffset(int worker, int backend) {
    return PACKETS_OFFSET + ((long) worker * capacity + backend) * Long.BYTES;
  }

  long generationSlotOffset(long generation) {
    return align(packetsOffset(WORKERS, 0)) + (generation & 1) * generationSlotBytes();
  }

  /** Within a generation slot. */
  long marksOffset() {
    return align(TABLE_OFFSET + 2L * slots);
  }

  /** Within a generation slot. */
  long recordOffset(int backend) {
    return align(marksOffset() + 4L * capacity) + (long) backend * RECORD_BYTES;
  }

  long bytes() {
    return generationSlotOffset(0) + 2 * generationSlotBytes();
  }

  /** A generation slot's length. */
  long generationSlotBytes() {
    return align(recordOffset(capacity));
  }

  private static long align(long offset) {
    return Region.align(offset);
  }
}

package io.synlev.state;

/**
 * The registry of an instance: one region of fixed size.
 *
 * <pre>
 *   offset  bytes
 *        0      8  magic
 *        8      4  layout version
 *       12      4  mark mask
 *       16     16  seed (secret)
 *   --- line 1: what every batch reads
 *       64      8  instance epoch: +1 before anything published here or in a pool changes
 *   --- line 2: the configuration
 *      128      8  generation of the configuration; slot (generation &amp; 1) is in force
 *      136      8  pid of the last writer
 *   --- line 4: the daemon's liveness, written by the daemon alone
 *      256      8  pid, 0 when none runs
 *      264      8  start time of that process, clock ticks since boot (proc(5), stat field 22)
 *      272      8  configuration generation that no worker looks behind any more
 *      280      4  first queue
 *      284      4  last queue
 *   --- counters, each written by one worker
 *     4096  65536  [worker][counter], 8 bytes each
 *   --- two configuration slots, see {@link ConfigurationCodec}
 *    69632  2 MiB  slot 0
 *           2 MiB  slot 1
 * </pre>
 *
 * <p>Numbers are in the machine's byte order: the state never leaves the machine.
 */
final class RegistryLayout {
  /** "SYNLEVRG" read as a little-endian long. */
  static final long MAGIC = 0x4752_5645_4c4e_5953L;

  /** Changes whenever an offset here or in {@link PoolLayout} does. */
  static final int VERSION = 2;

  static final int MAGIC_OFFSET = 0;
  static final int VERSION_OFFSET = 8;
  static final int MARK_MASK_OFFSET = 12;
  static final int SEED_0_OFFSET = 16;
  static final int SEED_1_OFFSET = 24;
  static final int EPOCH_OFFSET = 64;
  static final int GENERATION_OFFSET = 128;
  static final int WRITER_PID_OFFSET = 136;
  static final int DAEMON_PID_OFFSET = 256;
  static final int DAEMON_START_OFFSET = 264;
  static final int DAEMON_SEEN_OFFSET = 272;
  static final int DAEMON_FIRST_QUEUE_OFFSET = 280;
  static final int DAEMON_LAST_QUEUE_OFFSET = 284;
  static final int COUNTERS_OFFSET = 4096;

  /** Queue threads or fast-path cores of one instance. */
  static final int WORKERS = 64;

  /** Counters of one worker. */
  static final int COUNTERS = 128;

  static final int CONFIGURATION_OFFSET = COUNTERS_OFFSET + WORKERS * COUNTERS * Long.BYTES;
  static final int CONFIGURATION_BYTES = 2 << 20;
  static final int BYTES = CONFIGURATION_OFFSET + 2 * CONFIGURATION_BYTES;

  private RegistryLayout() {}

  static long configurationOffset(long generation) {
    return CONFIGURATION_OFFSET + (generation & 1) * CONFIGURATION_BYTES;
  }

  static long counterOffset(int worker, int counter) {
    return COUNTERS_OFFSET + ((long) worker * COUNTERS + counter) * Long.BYTES;
  }
}

package io.synlev.dpdk;

/**
 * How big a packet pool is.
 *
 * @param buffers how many, 64 to 16777215; a power of two less one wastes the least memory. More
 *     than all descriptors of its queues, all caches and a burst for each worker together
 * @param cache how many each worker keeps for itself, 0 to 512 and at most two thirds of the
 *     buffers
 * @param dataBytes room for a packet behind the headroom, 128 to 16384
 */
public record PoolOptions(int buffers, int cache, int dataBytes) {

  /** Room for two queues of 1024 descriptors each way; 18 MB. */
  public static final PoolOptions DEFAULT = new PoolOptions(8191, 256, 2048);

  /** Checks the ranges. */
  public PoolOptions {
    check("packet buffers", buffers, 64, (1 << 24) - 1);
    check("cached buffers", cache, 0, Math.min(512, buffers * 2 / 3));
    check("bytes of a buffer", dataBytes, 128, 16384);
  }

  static void check(String what, long value, long least, long most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          what + " " + value + " is out of range: use " + least + " to " + most);
    }
  }
}

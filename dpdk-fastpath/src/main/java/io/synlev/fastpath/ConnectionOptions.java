package io.synlev.fastpath;

import io.synlev.datapath.FlowTimeouts;

/**
 * What the connection tables are to be.
 *
 * @param flows how many flows each worker's has room for, 64 to 8388608; 0 for no tables
 * @param insertions the most flows that each worker adds a second, or 0 for any number
 * @param timeouts how long idle flows live
 */
public record ConnectionOptions(int flows, int insertions, FlowTimeouts timeouts) {

  /** 1,048,576 flows; 2,000,000 new ones a second: what one worker can take in. */
  public static final ConnectionOptions DEFAULT =
      new ConnectionOptions(1 << 20, 2_000_000, FlowTimeouts.DEFAULT);

  static final int LEAST_FLOWS = 64;
  static final int MOST_FLOWS = 1 << 23;

  /** Places for each flow: with half of them taken, hardly a bucket is full. */
  private static final int PLACES_PER_FLOW = 2;

  /** Checks the ranges. */
  public ConnectionOptions {
    if (flows != 0) {
      ForwardingOptions.check("flows", flows, LEAST_FLOWS, MOST_FLOWS);
    }
    ForwardingOptions.check("insertions a second", insertions, 0, Integer.MAX_VALUE);
  }

  /** How many buckets a table has. */
  int buckets() {
    return Math.ceilDiv(flows * PLACES_PER_FLOW, FlowBucket.PLACES);
  }

  /** How much memory the tables of some workers take, in megabytes. */
  int megabytes(int workers) {
    return (int) Math.ceilDiv(bytes() * workers, 1L << 20);
  }

  /** How much memory a table takes. */
  long bytes() {
    return FlowMemory.bytes(buckets());
  }
}

package io.synlev.state;

import io.synlev.memory.Memory;

/**
 * The counters of one worker in shared memory: one writer, any readers, never torn, no lock.
 * Numbers are the counters' ids, 0 to {@link #COUNT} - 1; what they mean is the datapath's.
 */
public final class WorkerCounters {
  /** How many counters a worker has. */
  public static final int COUNT = RegistryLayout.COUNTERS;

  /** How many workers an instance has counters for. */
  public static final int WORKERS = RegistryLayout.WORKERS;

  private final long address;

  // Holds the mapping: addresses are valid only while it is reachable.
  private final Region region;

  WorkerCounters(Region region, int worker) {
    if (worker < 0 || worker >= RegistryLayout.WORKERS) {
      throw new StateException(
          "worker " + worker + ": an instance has room for " + RegistryLayout.WORKERS);
    }
    this.region = region;
    this.address = region.address() + RegistryLayout.counterOffset(worker, 0);
  }

  /** Adds to a counter; only the worker itself may. */
  public void add(int id, long amount) {
    long counter = at(id);
    Memory.putLongOpaque(counter, Memory.getLongOpaque(counter) + amount);
  }

  /** The value of a counter. */
  public long get(int id) {
    return Memory.getLongOpaque(at(id));
  }

  private long at(int id) {
    return address + (long) id * Long.BYTES;
  }
}

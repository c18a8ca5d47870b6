package io.synlev.nat;

/**
 * Numbers of backends that were removed, and when: a session that began before is over. Changed by
 * any thread, seen by all workers. Hot: a look at none is all that usually happens.
 */
final class RemovedBackends {

  private final long longestNanos;
  private volatile Numbers now = new Numbers(0);

  /**
   * Of none.
   *
   * @param longestNanos after which every session is over, or has met its backend's removal
   */
  RemovedBackends(long longestNanos) {
    this.longestNanos = longestNanos;
  }

  /** Adds one, and leaves those out that no session can have any more. */
  synchronized void add(long backend, long nowNanos) {
    Numbers old = now;
    Numbers next = new Numbers(old.count + 1);
    for (int i = 0; i < old.backends.length; i++) {
      boolean isNeeded = old.backends[i] != 0 && nowNanos - old.times[i] <= longestNanos;
      if (isNeeded && old.backends[i] != backend) {
        next.add(old.backends[i], old.times[i]);
      }
    }
    next.add(backend, nowNanos);
    now = next;
  }

  /** Those of now. */
  Numbers now() {
    return now;
  }

  /** Immutable once it is seen. */
  static final class Numbers {

    /** Odd, half of its bits set: 2^64 divided by the golden ratio. */
    private static final long SPREAD = 0x9e37_79b9_7f4a_7c15L;

    /** By hash; 0 is free. At least half are, unless there are none at all. */
    private final long[] backends;

    private final long[] times;
    private int count;

    private Numbers(int most) {
      int places = most == 0 ? 0 : Integer.highestOneBit(most) * 4;
      backends = new long[places];
      times = new long[places];
    }

    private void add(long backend, long time) {
      int at = start(backend);
      while (backends[at] != 0) {
        at = at + 1 & backends.length - 1;
      }
      backends[at] = backend;
      times[at] = time;
      count++;
    }

    private int start(long backend) {
      return (int) (backend * SPREAD >>> 32) & backends.length - 1;
    }

    /** Whether a session that began at a time is over. */
    boolean contains(long backend, long bornNanos) {
      if (backends.length == 0) {
        return false;
      }
      int at = start(backend);
      while (backends[at] != 0) {
        if (backends[at] == backend) {
          return bornNanos - times[at] <= 0;
        }
        at = at + 1 & backends.length - 1;
      }
      return false;
    }
  }
}

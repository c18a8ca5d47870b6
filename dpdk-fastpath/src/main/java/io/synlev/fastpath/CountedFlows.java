package io.synlev.fastpath;

import io.synlev.datapath.OwnFlows;
import io.synlev.memory.Memory;

/**
 * Counts flows of a connection table as they come and go, those that were given with {@link
 * OwnFlows#COUNTED}. Their buckets say which these are; of others nothing is read or written here.
 *
 * <p>A flow is counted while a bit of the number in its key says so, and whoever clears that bit
 * takes it off. So counts are right whoever ends a flow, the table's worker or a thread that
 * forgets flows beside it, and never drift. A flow that closed is not counted.
 *
 * <p>The number is the first long of a key; it is 0 once a flow was ended, though its tag may still
 * be there. Hot: no allocation, no lock, no exception.
 */
final class CountedFlows {

  private static final long COUNTED = OwnFlows.COUNTED;

  private final FlowCounts counts;

  CountedFlows(FlowCounts counts) {
    this.counts = counts;
  }

  /**
   * Writes the number of a flow into the key of a place that is free. The table's worker only.
   *
   * @param state of the flow
   * @return false if there is no room to count it: then the place stays free
   */
  boolean begin(long bucket, int place, long key, long number, int state) {
    boolean isToCount = (number & COUNTED) != 0;
    boolean isOpen = state != FlowState.TCP_CLOSING;
    if (isToCount && isOpen && !counts.add(identity(number))) {
      return false;
    }
    FlowBucket.putCounted(bucket, place, isToCount);
    Memory.putLongRelease(key, isOpen ? number : number & ~COUNTED);
    return true;
  }

  /** Notes that a flow has another state. The table's worker only. */
  void turn(long bucket, int place, long key, int before, int after) {
    if (!FlowBucket.isCounted(bucket, place)) {
      return;
    }
    if (after == FlowState.TCP_CLOSING) {
      pause(key);
    } else if (before == FlowState.TCP_CLOSING) {
      resume(key);
    }
  }

  private void pause(long key) {
    long number = Memory.getLongAcquire(key);
    while ((number & COUNTED) != 0) {
      if (Memory.compareAndSetLong(key, number, number & ~COUNTED)) {
        counts.remove(identity(number));
        return;
      }
      number = Memory.getLongAcquire(key);
    }
  }

  private void resume(long key) {
    long number = Memory.getLongAcquire(key);
    boolean isDone = number == 0 || (number & COUNTED) != 0;
    if (isDone || !counts.add(identity(number))) {
      return;
    }
    if (!Memory.compareAndSetLong(key, number, number | COUNTED)) {
      counts.remove(identity(number)); // somebody has ended it
    }
  }

  /** Gives a flow another number of the same backend. The table's worker only. */
  static void rename(long key, long to) {
    long number = Memory.getLongAcquire(key);
    while (number != 0 && !Memory.compareAndSetLong(key, number, to | number & COUNTED)) {
      number = Memory.getLongAcquire(key);
    }
  }

  /**
   * Ends a flow whose place is to be free. The table's worker only.
   *
   * @return false if it was forgotten before
   */
  boolean end(long bucket, int place, long key) {
    return FlowBucket.isCounted(bucket, place)
        ? end(key)
        : FlowBucket.state(bucket, place) != FlowState.FORGOTTEN;
  }

  /**
   * Ends a flow, whose place the worker frees later on. Any thread.
   *
   * @return false if it was ended before
   */
  boolean forget(long bucket, int place, long key) {
    boolean isKnown = end(key);
    if (isKnown) {
      FlowBucket.putState(bucket, place, FlowState.FORGOTTEN);
    }
    return isKnown;
  }

  private boolean end(long key) {
    long number = Memory.getLongAcquire(key);
    while (number != 0) {
      if (Memory.compareAndSetLong(key, number, 0)) {
        if ((number & COUNTED) != 0) {
          counts.remove(identity(number));
        }
        return true;
      }
      number = Memory.getLongAcquire(key);
    }
    return false;
  }

  private static int identity(long number) {
    return (int) (number >>> 32);
  }
}

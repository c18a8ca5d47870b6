package io.synlev.steering;

import io.synlev.datapath.OwnFlows;
import io.synlev.state.Policy;
import io.synlev.state.PoolCursor;

/**
 * Backends as numbers for {@link io.synlev.datapath.OwnFlows}: found again in whatever generation
 * is in force, as long as they are there, whatever their state.
 *
 * <pre>
 *   63        32 31        30      16 15     0
 *   | identity  | counted | pool + 1 | index |    pool: its place in {@link View#cursors}
 * </pre>
 *
 * <p>Flows of a pool that asks for their numbers are {@link OwnFlows#COUNTED}. The identity is of
 * the names, so that an index or mark that another backend has by now is not taken for the former
 * one's; no walk over flows is needed. When pools come or go, places change: then all pools are
 * looked through once, and the flow is given its new number. Pure but for refreshing cursors;
 * nothing is allocated.
 */
final class BackendNumbers {

  /** No backend has this number. */
  static final long NONE = 0;

  private static final int MOST_POOLS = 0x7ffe;

  private BackendNumbers() {}

  /**
   * A backend's number.
   *
   * @param place of the pool among the worker's cursors
   * @param cursor of the pool, refreshed
   * @param backend its index
   * @return {@link #NONE} if it cannot have one
   */
  static long of(int place, PoolCursor cursor, int backend) {
    int identity = cursor.identity(backend);
    return identity == 0 || place > MOST_POOLS
        ? NONE
        : (long) identity << 32 | counted(cursor) | (long) (place + 1) << 16 | backend;
  }

  private static long counted(PoolCursor cursor) {
    return cursor.policy() == Policy.LEAST_CONNECTIONS ? OwnFlows.COUNTED : 0;
  }

  /**
   * A backend's number where the place of its pool is not known: {@link #place} looks for it.
   *
   * @param identity as {@link io.synlev.state.PoolCursor#identity} has it
   * @return {@link #NONE} if it cannot have one
   */
  static long ofAnyPlace(int identity, int backend) {
    return identity == 0 ? NONE : (long) identity << 32 | backend;
  }

  /** The number of the same backend when its pool is at a place. */
  static long at(int place, long number) {
    return number & ~0xffff_0000L | (long) (place + 1) << 16;
  }

  /** The index of a number's backend in its pool. */
  static int backend(long number) {
    return (int) number & 0xffff;
  }

  /**
   * The place of the pool that has a number's backend.
   *
   * @param cursors the worker's
   * @return -1 when the backend is gone
   */
  static int place(PoolCursor[] cursors, long epoch, long number) {
    int place = ((int) number >>> 16) - 1;
    return place >= 0 && place < cursors.length && isThere(cursors[place], epoch, number)
        ? place
        : search(cursors, epoch, number);
  }

  private static int search(PoolCursor[] cursors, long epoch, long number) {
    for (int place = 0; place < cursors.length; place++) {
      if (isThere(cursors[place], epoch, number)) {
        return place;
      }
    }
    return -1;
  }

  private static boolean isThere(PoolCursor cursor, long epoch, long number) {
    cursor.refresh(epoch);
    int identity = cursor.identity(backend(number));
    return identity != 0 && identity == (int) (number >>> 32);
  }
}

package io.synlev.steering;

import io.synlev.datapath.BatchDecider;
import io.synlev.datapath.OwnFlows;
import io.synlev.state.Policy;
import io.synlev.state.PoolCursor;

/**
 * Gives a new flow to that of two backends that has fewer live flows for its weight: the power of
 * two choices (Azar, Broder, Karlin, Upfal, Balanced Allocations, SIAM Journal on Computing 29,
 * 1999) with the two taken from a weighted Maglev table, so that a backend is looked at in
 * proportion to its weight and no look is longer for more backends; {@link
 * Policy#LEAST_CONNECTIONS}.
 *
 * <p>The halves of the flow's hash name the two slots. Where both hold one backend, the next slot
 * that holds another is taken, so that of two backends both are always compared. Of equal ones the
 * first has it: the flow's hash decides.
 *
 * <p>Flows are counted when they are remembered, which is at the end of a burst. Those given out
 * before in the same burst are counted here, so that they do not all go to one backend.
 *
 * <p>Belongs to one worker. Nothing is allocated, locked or thrown; what it counts is forgotten
 * with the next {@link #begin}.
 */
final class LeastConnections {

  /** So many slots behind the second one are looked at for another backend. */
  private static final int STEPS = 16;

  /** Twice what a burst may need; a power of two. */
  private static final int ROOM = 2 * BatchDecider.MAX_BATCH;

  private final OwnFlows own;

  /** A hash table of the burst's new flows by their backends' identities. */
  private final int[] identities = new int[ROOM];

  private final int[] given = new int[ROOM];

  /** Where the table is in use. */
  private final int[] used = new int[BatchDecider.MAX_BATCH];

  private int usedCount;

  LeastConnections(OwnFlows own) {
    this.own = own;
  }

  /** Begins a burst, or the same again. */
  void begin() {
    for (int i = 0; i < usedCount; i++) {
      given[used[i]] = 0;
    }
    usedCount = 0;
  }

  /**
   * The slot of the backend that a new flow gets.
   *
   * @param cursor of a pool, refreshed
   */
  int slot(PoolCursor cursor, int hash) {
    int first = cursor.slot(hash);
    int one = cursor.backendAt(first);
    if (one == PoolCursor.NONE) {
      return first;
    }
    int second = another(cursor, one, cursor.slot(Integer.rotateLeft(hash, 16)));
    int other = cursor.backendAt(second);
    boolean isFirst = other == PoolCursor.NONE || hasLess(cursor, one, other);
    give(cursor.identity(isFirst ? one : other));
    return isFirst ? first : second;
  }

  /** The first slot from one on that does not hold a backend; if there is none near, that one. */
  private static int another(PoolCursor cursor, int backend, int from) {
    int slot = from;
    for (int i = 0; i < STEPS; i++) {
      if (cursor.backendAt(slot) != backend) {
        return slot;
      }
      slot = cursor.next(slot);
    }
    return from;
  }

  /** Whether the first of two has no more flows for its weight. */
  private boolean hasLess(PoolCursor cursor, int one, int other) {
    return flows(cursor.identity(one)) * cursor.weight(other)
        <= flows(cursor.identity(other)) * cursor.weight(one);
  }

  private long flows(int identity) {
    return (long) own.liveFlows(identity) + given[cell(identity)];
  }

  private void give(int identity) {
    int cell = cell(identity);
    if (given[cell]++ == 0) {
      identities[cell] = identity;
      used[usedCount++] = cell;
    }
  }

  /** Where a backend is counted, or would be. */
  private int cell(int identity) {
    int cell = identity & ROOM - 1;
    while (given[cell] != 0 && identities[cell] != identity) {
      cell = cell + 1 & ROOM - 1;
    }
    return cell;
  }
}

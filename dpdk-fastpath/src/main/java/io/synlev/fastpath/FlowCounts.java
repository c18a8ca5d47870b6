package io.synlev.fastpath;

import io.synlev.memory.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * How many live flows one worker's connection table has of each backend, by the backend's identity:
 * a hash table of cells that are never moved.
 *
 * <pre>
 *   63        32 31     0
 *   | identity  | count |     0: never used
 * </pre>
 *
 * <p>A cell whose count is 0 may be given to another backend. Only the table's worker adds, so that
 * no backend has two cells; any thread may take off what was added, and read. Hot: no allocation,
 * no lock, no exception; each change is one atomic store, of memory that other workers only read.
 */
final class FlowCounts {

  /** Room for the most backends of a pool, half full. */
  private static final int MOST_CELLS = 1 << 17;

  /** So far from its hash a backend's cell is at most. */
  private static final int REACH = 256;

  private static final int NONE = -1;
  private static final long COUNT = 0xffff_ffffL;

  /** Owns the memory, for as long as this is reachable. */
  private final MemorySegment cells;

  private final long base;
  private final int mask;
  private final int reach;

  /**
   * Takes memory.
   *
   * @param flows the most that there can be
   */
  FlowCounts(int flows) {
    int count = Math.min(MOST_CELLS, Integer.highestOneBit(flows) << 2);
    cells = Arena.ofAuto().allocate((long) count * Long.BYTES, 64);
    base = cells.address();
    mask = count - 1;
    reach = Math.min(count, REACH);
  }

  /**
   * Counts a flow. The table's worker only.
   *
   * @param identity of its backend, not 0
   * @return false if there is no room, and nothing was changed
   */
  boolean add(int identity) {
    int free = NONE;
    for (int i = 0; i < reach; i++) {
      int at = at(identity, i);
      long cell = get(at);
      if (cell != 0 && (int) (cell >>> 32) == identity) {
        change(at, 1);
        return true;
      }
      if ((cell & COUNT) == 0 && free == NONE) {
        free = at;
      }
      if (cell == 0) {
        break;
      }
    }
    if (free == NONE) {
      return false;
    }
    // Nobody else writes where nothing is to be taken off.
    Memory.putLongOpaque(address(free), (long) identity << 32 | 1);
    return true;
  }

  /** Counts a flow no more that was counted. Any thread. */
  void remove(int identity) {
    int at = find(identity);
    if (at != NONE) {
      change(at, -1);
    }
  }

  /** How many there are. Any thread. */
  int of(int identity) {
    int at = find(identity);
    return at == NONE ? 0 : (int) get(at);
  }

  private int find(int identity) {
    for (int i = 0; i < reach; i++) {
      int at = at(identity, i);
      long cell = get(at);
      if (cell == 0) {
        return NONE;
      }
      if ((int) (cell >>> 32) == identity) {
        return at;
      }
    }
    return NONE;
  }

  private void change(int at, int by) {
    long address = address(at);
    long cell = Memory.getLongOpaque(address);
    while (!Memory.compareAndSetLong(address, cell, cell + by)) {
      cell = Memory.getLongOpaque(address);
    }
  }

  private int at(int identity, int step) {
    return identity + step & mask;
  }

  private long get(int at) {
    return Memory.getLongOpaque(address(at));
  }

  private long address(int at) {
    return base + (long) at * Long.BYTES;
  }
}

package io.synlev.nat;

import io.synlev.memory.Memory;

/**
 * Sessions by when they were noted, the oldest first: a list for each family, protocol and state,
 * since what is in one may be idle for equally long. Belongs to the table's worker. Hot.
 */
final class AgeLists {

  /** How many lists there are. */
  static final int LISTS = 4 * SessionState.STATES;

  private final long memory;
  private final int[] oldest = new int[LISTS];
  private final int[] youngest = new int[LISTS];

  AgeLists(long memory) {
    this.memory = memory;
  }

  /** The list of a group, as {@link Ports#group} says it, and a state. */
  static int list(int group, int state) {
    return group * SessionState.STATES + state;
  }

  private long address(int session) {
    return memory + (long) session * Session.BYTES;
  }

  /** The oldest session of a list, or 0. */
  int oldest(int list) {
    return oldest[list];
  }

  /** Adds a session that is in none, as the youngest one. */
  void add(int list, int session) {
    int before = youngest[list];
    Memory.putInt(address(session), Session.OLDER, before);
    Memory.putInt(address(session), Session.YOUNGER, 0);
    if (before == 0) {
      oldest[list] = session;
    } else {
      Memory.putInt(address(before), Session.YOUNGER, session);
    }
    youngest[list] = session;
  }

  /** Takes a session out of the list that it is in. */
  void remove(int list, int session) {
    int older = Memory.getInt(address(session), Session.OLDER);
    int younger = Memory.getInt(address(session), Session.YOUNGER);
    if (older == 0) {
      oldest[list] = younger;
    } else {
      Memory.putInt(address(older), Session.YOUNGER, younger);
    }
    if (younger == 0) {
      youngest[list] = older;
    } else {
      Memory.putInt(address(younger), Session.OLDER, older);
    }
  }
}

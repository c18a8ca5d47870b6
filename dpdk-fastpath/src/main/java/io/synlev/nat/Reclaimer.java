package io.synlev.nat;

import io.synlev.memory.Memory;

/**
 * Ends sessions: those that are over, those whose backend was removed, and, when a new one has no
 * port or place, the young one that was noted longest ago. An established session never makes room.
 * Belongs to the table's worker. Hot.
 */
final class Reclaimer {

  /** Most sessions that one sweep ends, or looks at for their backend. */
  private static final int SWEEP_MOST = 64;

  /** Most sessions that are looked at for one that makes room. */
  private static final int LOOKED_AT_MOST = 8;

  private static final int GROUPS = 4;

  private final NatTable table;
  private int sweptAt;
  private boolean isBehind;

  /** The removals that all sessions above {@link #toVisit} were compared with. */
  private RemovedBackends.Numbers visitedFor;

  private int toVisit;

  Reclaimer(NatTable table, int tick) {
    this.table = table;
    visitedFor = table.removed.now();
    sweptAt = tick;
  }

  /** Whether a session is over, or its backend was removed; then it is ended. */
  boolean hasEnded(int session, int tick) {
    long at = table.address(session);
    int idle = Session.idle(at, tick);
    if (table.states.isOver(Session.protocol(at), Session.state(at), idle)) {
      table.end(session, NatCounter.EXPIRED);
      return true;
    }
    return hasLostBackend(session, at);
  }

  private boolean hasLostBackend(int session, long at) {
    long backend = Memory.getLong(at, Session.NUMBER);
    if (!table.removed.now().contains(backend, Memory.getLong(at, Session.BORN))) {
      return false;
    }
    table.end(session, NatCounter.FORGOTTEN);
    return true;
  }

  /** Ends a session of a family and protocol that is over or young; false if there is none. */
  boolean makeRoom(int group, int tick) {
    for (int state = 0; state < SessionState.STATES; state++) {
      if (endOldest(group, state, tick)) {
        return true;
      }
    }
    return evict(group);
  }

  /** The same, of whatever family and protocol if need be. */
  boolean makeRoomAnywhere(int group, int tick) {
    for (int i = 0; i < GROUPS; i++) {
      if (makeRoom(group + i & GROUPS - 1, tick)) {
        return true;
      }
    }
    return false;
  }

  /** Ends the oldest session of a list, if it is over. */
  private boolean endOldest(int group, int state, int tick) {
    for (int i = 0; i < LOOKED_AT_MOST; i++) {
      int session = table.ages.oldest(AgeLists.list(group, state));
      if (session == 0) {
        return false;
      }
      long at = table.address(session);
      int protocol = Session.protocol(at);
      if (!table.states.isOver(protocol, state, tick - Memory.getInt(at, Session.NOTED))) {
        return false;
      }
      if (table.states.isOver(protocol, state, Session.idle(at, tick))) {
        table.end(session, NatCounter.EXPIRED);
        return true;
      }
      // Another worker has used it. Behind younger ones it may be ended late, but never too early.
      table.move(session, at, state, Memory.getInt(at, Session.BORROWED));
    }
    return false;
  }

  /** Ends the young session that was noted longest ago. */
  private boolean evict(int group) {
    for (int i = 0; i < LOOKED_AT_MOST; i++) {
      int session = table.ages.oldest(AgeLists.list(group, SessionState.YOUNG));
      if (session == 0) {
        return false;
      }
      long at = table.address(session);
      if (Memory.getInt(at, Session.BORROWED) == Memory.getInt(at, Session.NOTED)) {
        table.end(session, NatCounter.EVICTED);
        return true;
      }
      int state = SessionState.afterBorrowing(Session.protocol(at));
      table.move(session, at, state, Memory.getInt(at, Session.BORROWED));
    }
    return false;
  }

  /** Ends some of what is over; once a tick, or as long as there is more. */
  void sweep(int tick) {
    if (tick != sweptAt || isBehind) {
      sweptAt = tick;
      int left = SWEEP_MOST;
      for (int list = 0; list < AgeLists.LISTS && left > 0; list++) {
        int group = list / SessionState.STATES;
        while (left > 0 && endOldest(group, list % SessionState.STATES, tick)) {
          left--;
        }
      }
      isBehind = left == 0;
    }
    visitSome();
  }

  /** After a removal, looks at every session once, so that ports do not wait for a packet. */
  private void visitSome() {
    RemovedBackends.Numbers now = table.removed.now();
    if (now != visitedFor) {
      visitedFor = now;
      toVisit = table.used();
    }
    for (int i = 0; i < SWEEP_MOST && toVisit > 0; i++, toVisit--) {
      long at = table.address(toVisit);
      if ((Memory.getInt(at, Session.VERSION) & 1) == 0) {
        hasLostBackend(toVisit, at);
      }
    }
  }
}

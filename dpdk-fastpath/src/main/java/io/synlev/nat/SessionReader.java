package io.synlev.nat;

import io.synlev.memory.Memory;
import io.synlev.packet.FlowKey;
import java.lang.invoke.VarHandle;

/**
 * Reads sessions that the worker on another thread may be changing.
 *
 * <p>The owner makes a session's version odd before its identity changes (flow, ports, backend) and
 * even afterwards. What is read between two looks at the same even version is of one session; else
 * it is read again, a few times. A session that ends meanwhile may still be found. Any thread;
 * neither allocates nor throws.
 */
final class SessionReader {

  /** What a look found. */
  enum Found {
    YES,
    NO,

    /** There is a session with the port, but its backend is another one. */
    WRONG_SENDER,

    /** The session was changed meanwhile: look again. */
    CHANGED
  }

  private static final int TRIES = 4;

  /** Instead of a backend's number: whichever it is. */
  static final long ANY_BACKEND = 0;

  /** With twice as many chains as sessions, none is as long. */
  private static final int STEPS = 64;

  private SessionReader() {}

  /**
   * Looks for the live session of a flow.
   *
   * @param flow from client to VIP
   * @param backend that it must have, by its number, or {@link #ANY_BACKEND}
   * @param isUse whether it is used, which lets it live on; an ICMP error does not
   * @param out what the session makes of its client's packets, if there is one
   */
  static Found findFlow(
      NatTable table,
      FlowKey flow,
      int hash,
      long backend,
      boolean isUse,
      int tick,
      Translation out) {
    Found found = Found.CHANGED;
    for (int i = 0; i < TRIES && found == Found.CHANGED; i++) {
      int first = Memory.getIntAcquire(table.chains.head(hash));
      found = follow(table, first, flow, backend, isUse, tick, out);
    }
    return found == Found.YES ? found : Found.NO;
  }

  private static Found follow(
      NatTable table,
      int first,
      FlowKey flow,
      long backend,
      boolean isUse,
      int tick,
      Translation out) {
    int number = first;
    for (int i = 0; i < STEPS && table.isSession(number); i++) {
      long session = table.address(number);
      int version = Memory.getIntAcquire(session + Session.VERSION);
      boolean isHere = Session.isOf(session, flow);
      boolean isLive = false;
      if (isHere) {
        out.toBackend(session, table.sources);
        isLive = isLive(table, session, tick);
      }
      number = Session.next(session);
      if (!hasStayed(session, version)) {
        return Found.CHANGED;
      }
      if (isHere) {
        boolean isWanted = backend == ANY_BACKEND || backend == out.backend;
        return isLive && isWanted ? use(session, isUse, tick) : Found.NO;
      }
    }
    return Found.NO;
  }

  /**
   * Looks for the live session that has a source port.
   *
   * @param flow from a backend to the source address
   * @param source that address's place
   * @param isUse as for {@link #findFlow}
   * @param out what the session makes of its backend's packets, if there is one
   */
  static Found findPort(
      NatTable table, FlowKey flow, int source, boolean isUse, int tick, Translation out) {
    Found found = Found.CHANGED;
    for (int i = 0; i < TRIES && found == Found.CHANGED; i++) {
      int number = table.ports.session(source, flow.protocol, flow.ports & 0xffff);
      found =
          table.isSession(number)
              ? read(table, table.address(number), flow, source, isUse, tick, out)
              : Found.NO;
    }
    return found == Found.CHANGED ? Found.NO : found;
  }

  private static Found read(
      NatTable table,
      long session,
      FlowKey flow,
      int source,
      boolean isUse,
      int tick,
      Translation out) {
    int version = Memory.getIntAcquire(session + Session.VERSION);
    boolean hasPort =
        Session.source(session) == source
            && Session.sourcePort(session) == (flow.ports & 0xffff)
            && Session.protocol(session) == flow.protocol;
    boolean isFromBackend = Session.isFromBackend(session, flow);
    boolean isLive = isLive(table, session, tick);
    out.toClient(session);
    if (!hasStayed(session, version)) {
      return Found.CHANGED;
    }
    if (!hasPort || !isLive) {
      return Found.NO;
    }
    return isFromBackend ? use(session, isUse, tick) : Found.WRONG_SENDER;
  }

  private static Found use(long session, boolean isUse, int tick) {
    if (isUse) {
      Memory.putInt(session, Session.BORROWED, tick);
    }
    return Found.YES;
  }

  private static boolean isLive(NatTable table, long session, int tick) {
    int idle = Session.idle(session, tick);
    long backend = Memory.getLong(session, Session.NUMBER);
    return !table.states.isOver(Session.protocol(session), Session.state(session), idle)
        && !table.removed.now().contains(backend, Memory.getLong(session, Session.BORN));
  }

  private static boolean hasStayed(long session, int version) {
    VarHandle.acquireFence();
    return (version & 1) == 0 && Memory.getInt(session, Session.VERSION) == version;
  }
}

package io.synlev.nat;

import io.synlev.hash.Seed;
import io.synlev.memory.Memory;
import io.synlev.packet.FlowKey;
import io.synlev.packet.IpProtocol;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A worker's sessions: found by what clients send and by what backends send, begun, noted, ended.
 * Which of them makes room is {@link Reclaimer}'s business.
 *
 * <p>Belongs to one worker; what is for any thread says so. Hot: no allocation, no lock, no
 * exception.
 */
final class NatTable {

  /** Instead of a session: no port is free. */
  static final int NO_PORT = -1;

  /** Instead of a session: the table is full. */
  static final int NO_ROOM = -2;

  final Sources sources;
  final SessionState states;
  final RemovedBackends removed;
  final Ports ports;
  final Chains chains;
  final AgeLists ages;
  final NatCounters counters = new NatCounters();

  private final long memory;
  private final int capacity;
  private final Reclaimer reclaimer;
  private final AtomicInteger count = new AtomicInteger();

  /** Sessions that follow this one were never used. */
  private int used;

  /** The first free one of those that were. */
  private int free;

  /**
   * Takes memory into use.
   *
   * @param memory zeroed, as long as the layout says, at the beginning of a cache line
   */
  NatTable(
      long memory,
      NatOptions options,
      Sources sources,
      RemovedBackends removed,
      SessionState states,
      int worker,
      Seed seed,
      long nowNanos) {
    Layout layout = new Layout(options);
    this.memory = memory;
    this.sources = sources;
    this.removed = removed;
    capacity = layout.sessions;
    this.states = states;
    ports = new Ports(memory, layout, sources, worker, seed);
    chains = new Chains(memory, layout);
    ages = new AgeLists(memory);
    reclaimer = new Reclaimer(this, Session.tick(nowNanos));
  }

  /** Where a session is. */
  long address(int session) {
    return memory + (long) session * Session.BYTES;
  }

  /** Whether a number that was read without order can be a session's. Any thread. */
  boolean isSession(int number) {
    return number > 0 && number <= capacity;
  }

  /** The highest number that a session has had. */
  int used() {
    return used;
  }

  /** How many sessions there are. Any thread. */
  int count() {
    return count.getOpaque();
  }

  /** The live session of a flow from client to VIP, or 0. */
  int find(FlowKey flow, int hash, int tick) {
    int session = chains.find(flow, hash);
    return session == 0 || reclaimer.hasEnded(session, tick) ? 0 : session;
  }

  /** The live session that has a port of this worker, or 0. */
  int find(int source, int protocol, int port, int tick) {
    int session = ports.session(source, protocol, port);
    return session == 0 || reclaimer.hasEnded(session, tick) ? 0 : session;
  }

  /**
   * Begins a session of a flow that has none.
   *
   * @param flow from client to VIP
   * @param hash of it
   * @param clientHash of the client's address: what one client sends comes from one source, if it
   *     has a free port (RFC 4787, REQ-2)
   * @param what copied
   * @return its number, or {@link #NO_PORT} or {@link #NO_ROOM}
   */
  int open(FlowKey flow, int hash, int clientHash, NewSession what, long nowNanos) {
    int tick = Session.tick(nowNanos);
    int group = Ports.group(flow.family, flow.protocol);
    if (!ports.areThere(group) && !reclaimer.makeRoom(group, tick)) {
      return NO_PORT;
    }
    if (free == 0 && used == capacity && !reclaimer.makeRoomAnywhere(group, tick)) {
      return NO_ROOM;
    }
    int session = take();
    long at = address(session);
    int source = ports.source(group, clientHash);
    int port = ports.take(source, flow.protocol);
    change(at);
    Session.putFlow(at, flow);
    Session.note(at, tick);
    Memory.putShort(at, Session.SOURCE_PORT, (short) port);
    Memory.putByte(at + Session.SOURCE, (byte) source);
    Memory.putInt(at, Session.HASH, hash);
    begin(at, what, nowNanos);
    chains.prepare(session, hash);
    publish(at);
    chains.add(session, hash);
    ports.putSession(source, flow.protocol, port, session);
    ages.add(AgeLists.list(group, SessionState.YOUNG), session);
    count.setOpaque(count.getPlain() + 1);
    counters.count(NatCounter.OPENED);
    return session;
  }

  private int take() {
    if (free == 0) {
      return ++used;
    }
    int session = free;
    free = Session.next(address(session));
    return session;
  }

  private static void begin(long at, NewSession what, long nowNanos) {
    Memory.putByte(at + Session.STATE, (byte) SessionState.YOUNG);
    Memory.putByte(at + Session.SEEN, (byte) SessionState.firstSeen(what.tcpFlags));
    Memory.putLong(at, Session.BACKEND, what.high);
    Memory.putLong(at, Session.BACKEND + 8, what.low);
    Memory.putShort(at, Session.BACKEND_PORT, (short) what.port);
    Memory.putLong(at, Session.NUMBER, what.number);
    Memory.putLong(at, Session.MAC, what.clientMac);
    Memory.putLong(at, Session.BORN, nowNanos);
  }

  /** Lets a session begin anew, with the same source port. */
  void reopen(int session, NewSession what, long nowNanos) {
    long at = address(session);
    ages.remove(list(at), session);
    change(at);
    begin(at, what, nowNanos);
    Session.note(at, Session.tick(nowNanos));
    publish(at);
    ages.add(list(at), session);
    counters.count(NatCounter.REOPENED);
  }

  /** The number of a session's backend. */
  long number(int session) {
    return Memory.getLong(address(session), Session.NUMBER);
  }

  /** Readers of another thread take nothing from a session from now on. */
  private static void change(long at) {
    Memory.putInt(at, Session.VERSION, Memory.getInt(at, Session.VERSION) | 1);
    VarHandle.storeStoreFence();
  }

  private static void publish(long at) {
    Memory.putIntRelease(at + Session.VERSION, Memory.getInt(at, Session.VERSION) + 1);
  }

  /** Notes a further packet of a live session. */
  void note(int session, int tcpFlags, boolean isFromClient, int tick) {
    long at = address(session);
    int protocol = Session.protocol(at);
    int old = SessionState.join(Session.state(at), Session.seen(at));
    int next =
        protocol == IpProtocol.TCP
            ? SessionState.nextTcp(old, tcpFlags, isFromClient)
            : SessionState.nextUdp(old);
    int state = SessionState.state(old);
    if (SessionState.state(next) != state) {
      move(session, at, SessionState.state(next), tick);
    } else if (states.isNoteworthy(protocol, state, tick - Memory.getInt(at, Session.NOTED))
        && SessionState.prolongs(state, tcpFlags)) {
      move(session, at, state, tick);
    }
    if (next != old) {
      Memory.putByte(at + Session.SEEN, (byte) SessionState.seen(next));
    }
  }

  /** Notes the Ethernet address of a session's client's side. */
  void noteMac(int session, long mac) {
    long at = address(session);
    if (Memory.getLong(at, Session.MAC) != mac) {
      Memory.putLong(at, Session.MAC, mac);
    }
  }

  /** Notes a session, in a state that may be the one it has. */
  void move(int session, long at, int state, int tick) {
    ages.remove(list(at), session);
    Memory.putByte(at + Session.STATE, (byte) state);
    Session.note(at, tick);
    ages.add(list(at), session);
  }

  private static int list(long at) {
    int group = Ports.group(Session.family(at), Session.protocol(at));
    return AgeLists.list(group, Session.state(at));
  }

  /** Ends a session; its port is the last one to be given out again. */
  void end(int session, NatCounter why) {
    long at = address(session);
    ages.remove(list(at), session);
    chains.remove(session, Memory.getInt(at, Session.HASH));
    ports.free(Session.source(at), Session.protocol(at), Session.sourcePort(at));
    change(at);
    Memory.putInt(at, Session.NEXT, free);
    free = session;
    count.setOpaque(count.getPlain() - 1);
    counters.count(why);
  }

  /** Ends some of what is over. */
  void sweep(int tick) {
    reclaimer.sweep(tick);
  }
}

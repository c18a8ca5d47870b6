package io.synlev.nat;

import io.synlev.hash.FlowHash;
import io.synlev.hash.Seed;
import io.synlev.packet.FlowKey;
import io.synlev.packet.IpProtocol;
import io.synlev.state.NextHop;

/**
 * Finds the session of a packet, this worker's or another's, begins it if it is the first one, and
 * says what it makes of the packet. Belongs to one worker. Hot.
 */
final class SessionLookup {

  /** What the session that was found makes of the packet. */
  final Translation translation = new Translation();

  private final NatTable own;
  private final NatTable[] tables;
  private final int worker;
  private final Sources sources;
  private final FlowHash hashes;
  private final NewSession fresh = new NewSession();

  SessionLookup(NatTable[] tables, int worker, Sources sources, Seed seed) {
    this.tables = tables;
    this.worker = worker;
    this.sources = sources;
    own = tables[worker];
    hashes = new FlowHash(seed);
  }

  /**
   * The session of a client's packet.
   *
   * @param flow of it: TCP or UDP
   * @param tcpFlags 0 with UDP
   * @param hop the backend of a new session, with its port and number
   * @param isFollowed whether a session stays with its backend though it is another one
   */
  NatOutcome ofClient(
      FlowKey flow,
      int tcpFlags,
      NextHop hop,
      int backendPort,
      long backend,
      boolean isFollowed,
      long clientMac,
      long nowNanos) {
    int hash = hash(flow);
    int tick = Session.tick(nowNanos);
    int session = own.find(flow, hash, tick);
    boolean isSyn = SessionState.isSyn(tcpFlags);
    boolean isOver =
        session != 0
            && (isSyn && hasEnded(session) || !isFollowed && own.number(session) != backend);
    if (session != 0 && !isOver) {
      own.note(session, tcpFlags, true, tick);
      own.noteMac(session, clientMac);
      translation.toBackend(own.address(session), sources);
      return NatOutcome.TRANSLATED;
    }
    // A flow that begins with fragments, or whose packets came elsewhere before, is another's.
    if (session == 0
        && !isSyn
        && borrow(flow, hash, isFollowed ? SessionReader.ANY_BACKEND : backend, true, tick)) {
      return NatOutcome.TRANSLATED;
    }
    if (SessionState.isReset(tcpFlags)) {
      return NatOutcome.NO_SESSION; // nothing will follow
    }
    if (!fresh.setBackend(hop, flow.family)) {
      return NatOutcome.WRONG_FAMILY;
    }
    fresh.port = backendPort == 0 ? flow.ports & 0xffff : backendPort;
    fresh.number = backend;
    fresh.clientMac = clientMac;
    fresh.tcpFlags = tcpFlags;
    return session == 0 ? open(flow, hash, nowNanos) : reopen(session, nowNanos);
  }

  private boolean hasEnded(int session) {
    long at = own.address(session);
    return SessionState.hasEnded(Session.state(at), Session.seen(at));
  }

  private NatOutcome open(FlowKey flow, int hash, long nowNanos) {
    if (sources.count(flow.family) == 0) {
      return NatOutcome.NO_SOURCE;
    }
    int session = own.open(flow, hash, clientHash(flow), fresh, nowNanos);
    if (session <= 0) {
      return session == NatTable.NO_PORT ? NatOutcome.NO_PORT : NatOutcome.NO_ROOM;
    }
    translation.toBackend(own.address(session), sources);
    return NatOutcome.TRANSLATED;
  }

  private NatOutcome reopen(int session, long nowNanos) {
    own.reopen(session, fresh, nowNanos);
    translation.toBackend(own.address(session), sources);
    return NatOutcome.TRANSLATED;
  }

  private boolean borrow(FlowKey flow, int hash, long backend, boolean isUse, int tick) {
    for (int i = 0; i < tables.length; i++) {
      if (i != worker
          && SessionReader.findFlow(tables[i], flow, hash, backend, isUse, tick, translation)
              == SessionReader.Found.YES) {
        own.counters.count(NatCounter.BORROWED);
        return true;
      }
    }
    return false;
  }

  /** The session of a flow from client to VIP that an ICMP error to the VIP is about. */
  NatOutcome ofClientsError(FlowKey flow, long nowNanos) {
    int hash = hash(flow);
    int tick = Session.tick(nowNanos);
    int session = own.find(flow, hash, tick);
    if (session != 0) {
      translation.toBackend(own.address(session), sources);
      return NatOutcome.TRANSLATED;
    }
    return borrow(flow, hash, SessionReader.ANY_BACKEND, false, tick)
        ? NatOutcome.TRANSLATED
        : NatOutcome.NO_SESSION;
  }

  /**
   * The session of a packet to a source address.
   *
   * @param flow from the backend to the source address, TCP or UDP
   * @param tcpFlags 0 with UDP
   * @param isError whether it is about a packet that an ICMP error quotes: that lets no session
   *     live on
   */
  NatOutcome ofBackend(FlowKey flow, int tcpFlags, boolean isError, long nowNanos) {
    boolean isIpv6 = flow.family == FlowKey.IPV6;
    int source = sources.find(isIpv6, flow.destinationHigh, flow.destinationLow);
    int port = flow.ports & 0xffff;
    int owner = source == Sources.NONE ? Sources.NONE : sources.worker(port);
    if (owner == Sources.NONE) {
      return NatOutcome.NO_SESSION;
    }
    int tick = Session.tick(nowNanos);
    if (owner != worker) {
      return borrow(tables[owner], flow, source, !isError, tick);
    }
    int session = own.find(source, flow.protocol, port, tick);
    if (session == 0) {
      return NatOutcome.NO_SESSION;
    }
    if (!Session.isFromBackend(own.address(session), flow)) {
      return NatOutcome.WRONG_SENDER;
    }
    if (!isError) {
      own.note(session, tcpFlags, false, tick);
    }
    translation.toClient(own.address(session));
    return NatOutcome.TRANSLATED;
  }

  private NatOutcome borrow(NatTable table, FlowKey flow, int source, boolean isUse, int tick) {
    return switch (SessionReader.findPort(table, flow, source, isUse, tick, translation)) {
      case YES -> {
        own.counters.count(NatCounter.BORROWED);
        yield NatOutcome.TRANSLATED;
      }
      case WRONG_SENDER -> NatOutcome.WRONG_SENDER;
      default -> NatOutcome.NO_SESSION;
    };
  }

  /** Of a flow, the same on every worker. */
  private int hash(FlowKey flow) {
    return hash(flow, flow.ports, flow.protocol, flow.destinationHigh, flow.destinationLow);
  }

  private int clientHash(FlowKey flow) {
    return hash(flow, 0, IpProtocol.NO_NEXT_HEADER, 0, 0);
  }

  private int hash(FlowKey flow, int ports, int protocol, long toHigh, long toLow) {
    return flow.family == FlowKey.IPV4
        ? hashes.ipv4((int) flow.sourceLow, (int) toLow, ports, protocol)
        : hashes.ipv6(flow.sourceHigh, flow.sourceLow, toHigh, toLow, ports, protocol);
  }
}

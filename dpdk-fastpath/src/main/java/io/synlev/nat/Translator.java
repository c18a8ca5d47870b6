package io.synlev.nat;

import io.synlev.datapath.BatchDecider;
import io.synlev.datapath.HeldPackets;
import io.synlev.packet.FlowKey;
import io.synlev.packet.HeaderStatus;
import io.synlev.packet.PacketHeaders;
import io.synlev.packet.PacketKind;
import io.synlev.packet.PacketParser;
import io.synlev.packet.TransportHeader;
import io.synlev.state.NextHop;
import io.synlev.steering.fragment.FragmentOptions;

/**
 * Translates one worker's packets, in place, in both directions.
 *
 * <p>TTL and hop limit are the caller's business, before or after. What is not translated is not
 * changed. Nothing outside a packet is read or written. Belongs to one worker thread; allocates
 * nothing, takes no lock, throws nothing.
 */
public final class Translator {

  /** What {@link #owner} says of a packet that is not sent to a source address. */
  public static final int NOT_SOURCE = -1;

  /**
   * What {@link #owner} says of a packet to a source address that no session can have: an echo
   * request, neighbour discovery, another protocol, a port that no worker has, cut headers.
   */
  public static final int NOBODY = -2;

  /** What {@link #owner} says of a later fragment to a source address: it names no port. */
  public static final int FRAGMENT = -3;

  /**
   * Where the packet that {@link #toBackend} translated goes: its session's backend, which is not
   * the decided one if the session began before a change of its pool. {@code mac} is that of the
   * decided one if they are the same, otherwise 0, to be looked up.
   */
  public final NextHop nextHop = new NextHop();

  /** The backend's number, as given to {@link #toBackend}, of the packet last translated. */
  public long backend;

  /**
   * Where the packet that {@link #toClient} translated goes: the station from which its client's
   * last packet came, first byte highest.
   */
  public long clientMac;

  private final NatTable own;
  private final Owners owners;
  private final Approach approach;
  private final SessionLookup sessions;
  private final Translation translation;
  private final Identifications identifications;
  private final Datagrams datagrams;
  private final PacketHeaders headers = new PacketHeaders();
  private final PacketHeaders quoted = new PacketHeaders();

  /**
   * Makes one.
   *
   * @param worker whose it is, from 0
   * @param fragments how many datagrams are remembered, and how long
   * @param held keeps replies' later fragments that come before their first one; null if nobody
   *     does, then they are {@link NatOutcome#FRAGMENT_EARLY}
   */
  public Translator(NatTables tables, int worker, FragmentOptions fragments, HeldPackets held) {
    own = tables.table(worker);
    owners = new Owners(tables.sources());
    approach = new Approach(own, tables.sources(), worker, tables.seed());
    sessions = tables.lookup(worker);
    translation = sessions.translation;
    identifications = new Identifications(worker, tables.workers(), tables.seed());
    datagrams = new Datagrams(fragments, held, tables.seed(), identifications);
  }

  /**
   * Whose a packet is, by its destination: replies, and ICMP errors about what backends were sent.
   * Reads nothing but the packet; the same on every worker.
   *
   * @param packet the address of its IP header
   * @param length bytes that are there
   * @return the worker's number, or {@link #NOT_SOURCE}, {@link #NOBODY}, {@link #FRAGMENT}
   */
  public int owner(long packet, int length) {
    return owners.of(packet, length);
  }

  /**
   * Brings the sessions of a burst into the cache, before its packets are translated one by one:
   * with many sessions that saves most of the waiting for memory. Changes nothing, and need not be
   * called.
   *
   * @param packets the addresses of their IP headers, of both directions
   * @param lengths bytes that are there
   * @param count how many; those above {@link BatchDecider#MAX_BATCH} are left out
   */
  public void approach(long[] packets, int[] lengths, int count) {
    approach.to(packets, lengths, count);
  }

  /**
   * Translates a packet from a client, or an ICMP error about what a client was sent, to the
   * backend of its session; begins a session if there is none.
   *
   * @param packet the address of its IP header
   * @param length bytes that are there
   * @param hop the backend that was decided: for a new session
   * @param backendPort its port, or 0 for the one that the client has addressed
   * @param number its number, for {@link NatTables#forget}; any but 0
   * @param isFollowed whether the decision followed a flow that is known; otherwise a session with
   *     another backend ends: what knew the flow has forgotten it
   * @param mac the station that the packet came from, first byte highest
   * @param nowNanos the time on {@link System#nanoTime()}'s scale
   */
  public NatOutcome toBackend(
      long packet,
      int length,
      NextHop hop,
      int backendPort,
      long number,
      boolean isFollowed,
      long mac,
      long nowNanos) {
    NatOutcome outcome = parse(packet, length);
    if (outcome == NatOutcome.TRANSLATED && headers.fragmentOffset != 0) {
      outcome = later(packet, nowNanos);
    } else if (outcome == NatOutcome.TRANSLATED && headers.kind == PacketKind.ICMP_ERROR) {
      outcome = sessions.ofClientsError(quoted.flow, nowNanos);
      finishError(packet, outcome);
    } else if (outcome == NatOutcome.TRANSLATED) {
      outcome =
          sessions.ofClient(
              headers.flow, tcpFlags(), hop, backendPort, number, isFollowed, mac, nowNanos);
      finish(packet, outcome, nowNanos);
    }
    if (outcome == NatOutcome.TRANSLATED) {
      leadTo(hop);
    } else {
      count(outcome);
    }
    return outcome;
  }

  /**
   * Translates a packet to a source address, from a session's backend or an ICMP error about what
   * it was sent, to the session's client. If the session is another worker's, it is read there, but
   * hand the packet over if you can: only the owner notes what it says of the connection.
   *
   * @param packet the address of its IP header
   * @param length bytes that are there
   * @param nowNanos the time on {@link System#nanoTime()}'s scale
   */
  public NatOutcome toClient(long packet, int length, long nowNanos) {
    NatOutcome outcome = parse(packet, length);
    if (outcome == NatOutcome.TRANSLATED && headers.fragmentOffset != 0) {
      outcome = later(packet, nowNanos);
      if (outcome == NatOutcome.FRAGMENT_EARLY && datagrams.hold(packet, length, nowNanos)) {
        outcome = NatOutcome.HELD;
      }
    } else if (outcome == NatOutcome.TRANSLATED && headers.kind == PacketKind.ICMP_ERROR) {
      outcome = sessions.ofBackend(quoted.flow, 0, true, nowNanos);
      finishError(packet, outcome);
    } else if (outcome == NatOutcome.TRANSLATED) {
      outcome = sessions.ofBackend(headers.flow, tcpFlags(), false, nowNanos);
      finish(packet, outcome, nowNanos);
    }
    if (outcome == NatOutcome.TRANSLATED) {
      backend = translation.backend;
      clientMac = translation.clientMac;
    } else {
      count(outcome);
    }
    return outcome;
  }

  /** Reads the headers; TRANSLATED if nothing speaks against translating the packet. */
  private NatOutcome parse(long packet, int length) {
    if (PacketParser.parse(packet, length, headers) != HeaderStatus.OK) {
      return NatOutcome.MALFORMED;
    }
    return headers.fragmentOffset != 0
        ? NatOutcome.TRANSLATED
        : Translatable.check(packet, length, headers, quoted);
  }

  private int tcpFlags() {
    int at = headers.transportOffset;
    return headers.kind == PacketKind.TCP
        ? TransportHeader.tcpFlags(headers.address + at, headers.end - at)
        : 0;
  }

  private void finish(long packet, NatOutcome outcome, long nowNanos) {
    if (outcome != NatOutcome.TRANSLATED) {
      return;
    }
    Rewriter.translate(packet, headers, translation);
    boolean isIpv4 = translation.family == FlowKey.IPV4;
    if (headers.fragment) {
      int identification = datagrams.first(headers, translation, nowNanos);
      if (isIpv4) {
        Rewriter.putIdentification(packet, identification);
      }
    } else if (isIpv4 && Identifications.isNeeded(packet)) {
      Rewriter.putIdentification(
          packet, identifications.next(translation.fromLow, translation.toLow));
    }
  }

  private void finishError(long packet, NatOutcome outcome) {
    if (outcome == NatOutcome.TRANSLATED) {
      Rewriter.translateError(packet, headers, quoted, translation);
    }
  }

  private NatOutcome later(long packet, long nowNanos) {
    int identification = datagrams.later(headers, nowNanos, translation);
    if (identification < 0) {
      return NatOutcome.FRAGMENT_EARLY;
    }
    Rewriter.translateAddresses(packet, translation);
    if (translation.family == FlowKey.IPV4) {
      Rewriter.putIdentification(packet, identification);
    }
    return NatOutcome.TRANSLATED;
  }

  private void leadTo(NextHop decided) {
    boolean isIpv4 = translation.family == FlowKey.IPV4;
    boolean isDecided =
        isIpv4
            ? decided.hasIpv4 && decided.ipv4 == (int) translation.toLow
            : decided.hasIpv6
                && decided.ipv6High == translation.toHigh
                && decided.ipv6Low == translation.toLow;
    nextHop.isKnown = true;
    nextHop.forwarding = decided.forwarding;
    nextHop.mac = isDecided ? decided.mac : 0;
    nextHop.hasIpv4 = isIpv4;
    nextHop.ipv4 = isIpv4 ? (int) translation.toLow : 0;
    nextHop.hasIpv6 = !isIpv4;
    nextHop.ipv6High = translation.toHigh;
    nextHop.ipv6Low = isIpv4 ? 0 : translation.toLow;
    backend = translation.backend;
  }

  private void count(NatOutcome outcome) {
    NatCounter counter = NatCounter.of(outcome);
    if (counter != null) {
      own.counters.count(counter);
    }
  }

  /**
   * Ends what is over: sessions of this worker, remembered and held fragments. A bounded number at
   * each call; to be called once a step, also without traffic.
   */
  public void sweep(long nowNanos) {
    own.sweep(Session.tick(nowNanos));
    datagrams.sweep(nowNanos, BatchDecider.MAX_BATCH);
  }
}

package io.synlev.nat;

import io.synlev.datapath.HeldPackets;
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

  /**
   * Makes one.
   *
   * @param worker whose it is, from 0
   * @param fragments how many datagrams are remembered, and how long
   * @param held keeps replies' later fragments that come before their first one; null if nobody
   *     does, then they are {@link NatOutcome#FRAGMENT_EARLY}
   */
  public Translator(NatTables tables, int worker, FragmentOptions fragments, HeldPackets held) {}

  /**
   * Whose a packet is, by its destination: replies, and ICMP errors about what backends were sent.
   * Reads nothing but the packet; the same on every worker.
   *
   * @param packet the address of its IP header
   * @param length bytes that are there
   * @return the worker's number, or {@link #NOT_SOURCE}, {@link #NOBODY}, {@link #FRAGMENT}
   */
  public int owner(long packet, int length) {
    return NOT_SOURCE;
  }

  /**
   * Translates a packet from a client, or an ICMP error about what a client was sent, to the
   * backend of its session; begins a session if there is none.
   *
   * @param packet the address of its IP header
   * @param length bytes that are there
   * @param hop the backend that was decided: for a new session
   * @param backendPort its port, or 0 for the one that the client has addressed
   * @param backend its number, for {@link NatTables#forget}; any but 0
   * @param clientMac the station that the packet came from, first byte highest
   * @param nowNanos the time on {@link System#nanoTime()}'s scale
   */
  public NatOutcome toBackend(
      long packet,
      int length,
      NextHop hop,
      int backendPort,
      long backend,
      long clientMac,
      long nowNanos) {
    return NatOutcome.NO_SESSION;
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
    return NatOutcome.NO_SESSION;
  }

  /**
   * Ends what is over: sessions of this worker, remembered and held fragments. A bounded number at
   * each call; to be called once a step, also without traffic.
   */
  public void sweep(long nowNanos) {}
}

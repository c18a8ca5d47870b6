package io.synlev.fastpath;

import io.synlev.dpdk.Mbuf;
import io.synlev.dpdk.PacketPool;
import java.lang.foreign.Arena;

/**
 * Where translated packets go: to the backends' link, to the clients', or nowhere. They gather here
 * until a {@link #flush}. Belongs to one worker. Hot: no allocation.
 */
final class NatPaths {

  /** Enough for whoever brings some by the way. */
  private static final int LEAST_ROOM = 32;

  private final Neighbourhood.Link clients;
  private final Neighbourhood.Link backends;
  private final PacketPool pool;
  private final Forwarder forwarder;
  private final Neighbourhood neighbourhood;
  private final Counters counters;
  private final int mtu;
  private final MbufList toBackends;
  private final MbufList toClients;
  private final MbufList answersToClients;
  private final MbufList answersToBackends;
  private final MbufList freeing;

  /**
   * Makes them.
   *
   * @param backends the same as {@code clients} with one arm
   * @param most packets before a {@link #flush}; 32 if it is less
   */
  NatPaths(
      Arena arena,
      Neighbourhood.Link clients,
      Neighbourhood.Link backends,
      PacketPool pool,
      Forwarder forwarder,
      Neighbourhood neighbourhood,
      int mtu,
      int most,
      Counters counters) {
    this.clients = clients;
    this.backends = backends;
    this.pool = pool;
    this.forwarder = forwarder;
    this.neighbourhood = neighbourhood;
    this.counters = counters;
    this.mtu = mtu;
    int room = Math.max(most, LEAST_ROOM);
    toBackends = new MbufList(arena, room);
    toClients = new MbufList(arena, room);
    answersToClients = new MbufList(arena, room);
    answersToBackends = new MbufList(arena, room);
    freeing = new MbufList(arena, room);
  }

  /**
   * Deals with a packet that cannot go on, which its sender is told as it knows it: before it is
   * translated.
   *
   * @param packet the address of its IP header
   * @param there bytes that are there from that on
   * @param l2 bytes before it
   * @param isReply whether a backend sent it
   * @return whether it was one, and must not be touched any more
   */
  boolean turnsBack(long mbuf, long packet, int there, int l2, boolean isReply, long nowNanos) {
    long start = Ip.start(packet);
    boolean isIpv4 = Ip.startsIpv4(start);
    int length = Ip.totalLength(start, isIpv4);
    if (length > there && Mbuf.segments(mbuf) == 1 || length < Ip.IPV4_HEADER) {
      free(mbuf, FastPathCounter.CUT);
      return true;
    }
    if (length <= mtu && Ip.life(packet, start, isIpv4) > 1) {
      return false;
    }
    if (forwarder.turnBack(mbuf, l2, length, 0, nowNanos) == Forwarder.Way.ANSWER) {
      (isReply ? answersToBackends : answersToClients).add(mbuf);
    } else {
      free(mbuf);
    }
    return true;
  }

  /** Sends a translated packet to a client. */
  void toClient(long mbuf, long packet, int l2, long to) {
    Ip.age(packet, Ip.startsIpv4(Ip.start(packet)));
    Ethernet.putAddresses(packet - l2, to, clients.mac());
    toClients.add(mbuf);
  }

  /**
   * Sends a translated packet to a backend.
   *
   * @param to its Ethernet address; 0 if it is being asked for: then the packet waits for that
   */
  void toBackend(long mbuf, long packet, int l2, long to) {
    Ip.age(packet, Ip.startsIpv4(Ip.start(packet)));
    Ethernet.putAddresses(packet - l2, to, backends.mac());
    if (to == 0) {
      neighbourhood.await(mbuf);
    } else {
      toBackends.add(mbuf);
    }
  }

  /** Answers a client's echo request to a VIP, which has no port to be translated by. */
  void answerPing(long mbuf, int l2, long nowNanos) {
    neighbourhood.takePing(mbuf, l2, nowNanos);
  }

  /** Ends a packet's way; its reason was counted. */
  void free(long mbuf) {
    freeing.add(mbuf);
  }

  /** Ends a packet's way for a reason. */
  void free(long mbuf, FastPathCounter reason) {
    counters.add(reason, 1);
    freeing.add(mbuf);
  }

  /** Sends what has gathered. */
  void flush() {
    send(toBackends, backends, FastPathCounter.SENT);
    send(toClients, clients, FastPathCounter.NAT_REPLIES);
    send(answersToClients, clients, FastPathCounter.ANSWERED);
    send(answersToBackends, backends, FastPathCounter.ANSWERED);
    freeing.free(pool);
  }

  private void send(MbufList packets, Neighbourhood.Link link, FastPathCounter counter) {
    int count = packets.count();
    if (count > 0) {
      int sent = packets.send(link.queue(), pool, false);
      counters.add(counter, sent);
      if (sent < count) {
        counters.add(FastPathCounter.REFUSED, count - sent);
      }
    }
  }
}

package io.synlev.fastpath;

import io.synlev.datapath.Decision;
import io.synlev.dpdk.Mbuf;
import io.synlev.state.Forwarding;
import io.synlev.state.NextHop;

/**
 * Rewrites a packet for its way to a backend, or into the answer that it cannot go there. Belongs
 * to one worker. Hot: neither allocates nor throws.
 */
final class Forwarder {

  /** What is to be done with a packet. */
  enum Way {
    SEND,
    ANSWER,

    /** It is ready but for its destination, which {@link Resolver#waitingFor} will have. */
    WAIT,
    FREE
  }

  private final ForwardingOptions options;
  private final Counters counters;
  private final Encapsulation encapsulation;
  private final IcmpAnswer answers;
  private final long ownMac;
  private final int mtu;
  private Resolver resolver;

  /**
   * Makes one.
   *
   * @param ownMac the sending port's address, first byte highest
   */
  Forwarder(ForwardingOptions options, long ownMac, Counters counters) {
    this.options = options;
    this.counters = counters;
    this.ownMac = ownMac;
    mtu = options.mtu();
    encapsulation = new Encapsulation(options);
    answers = new IcmpAnswer(options);
  }

  /** Has Ethernet addresses looked up that backends' records do not have. */
  void resolveWith(Resolver lookUp) {
    resolver = lookUp;
  }

  /**
   * Rewrites a packet that was given to a backend.
   *
   * @param packet the address of its IP header
   * @param there bytes that are there from that on
   * @param l2 bytes before it
   */
  Way forward(long mbuf, long packet, int there, int l2, Decision decision, long nowNanos) {
    NextHop hop = decision.nextHop;
    long start = Ip.start(packet);
    boolean isIpv4 = Ip.startsIpv4(start);
    int length = Ip.totalLength(start, isIpv4);
    boolean isWhole = Mbuf.segments(mbuf) == 1;
    if (length > there && isWhole || length < Ip.IPV4_HEADER) {
      return free(FastPathCounter.CUT);
    }
    boolean isTunnelled = hop.forwarding == Forwarding.IPIP;
    int outer = isTunnelled ? Encapsulation.headerLength(hop, isIpv4) : 0;
    if (!hop.isKnown || isTunnelled && outer == 0) {
      return free(FastPathCounter.NO_NEXT_HOP);
    }
    if (length + outer > mtu || Ip.life(packet, start, isIpv4) <= 1) {
      return turnBack(mbuf, l2, length, outer, nowNanos);
    }
    if (isTunnelled && (!isWhole || Mbuf.headroom(mbuf) < outer)) {
      return free(FastPathCounter.NO_ROOM);
    }
    long to = hop.mac != 0 ? hop.mac : lookUp(hop, isTunnelled, outer, nowNanos);
    if (to == 0 && !isAwaited()) {
      return free(FastPathCounter.NO_NEXT_HOP);
    }
    Ip.age(packet, isIpv4);
    if (isTunnelled) {
      encapsulation.encapsulate(mbuf, packet, start, l2, outer, hop, decision.hash, to, ownMac);
    } else {
      Ethernet.putAddresses(packet - l2, to, ownMac);
    }
    return to == 0 ? Way.WAIT : Way.SEND;
  }

  /** The Ethernet address of a backend whose record has none, or of the router to it, or 0. */
  private long lookUp(NextHop hop, boolean isTunnelled, int outer, long nowNanos) {
    boolean isIpv6 = outer == Ip.IPV6_HEADER;
    if (isTunnelled
        && options.routerMac() != 0
        && (resolver == null || !resolver.isOnLink(hop, isIpv6))) {
      return options.routerMac();
    }
    return resolver == null ? 0 : resolver.resolve(hop, isTunnelled, isIpv6, nowNanos);
  }

  /**
   * The Ethernet address of a backend that packets of a family go to by its IP address, or of the
   * router to it; or 0, and then {@link #isAwaited} tells whether it will be known.
   */
  long lookUp(NextHop hop, boolean isIpv4, long nowNanos) {
    return lookUp(hop, true, isIpv4 ? Ip.IPV4_HEADER : Ip.IPV6_HEADER, nowNanos);
  }

  /** Whether the address that was looked up last is being asked for. */
  boolean isAwaited() {
    return resolver != null && resolver.waitingFor != NeighbourTable.NOWHERE;
  }

  /**
   * Makes a packet that is too big or too old the answer that says so, if one is due. Out of line,
   * so that what usually happens fits into its caller's compiled code.
   */
  Way turnBack(long mbuf, int l2, int length, int outer, long nowNanos) {
    boolean isTooBig = length + outer > mtu;
    counters.add(isTooBig ? FastPathCounter.TOO_BIG : FastPathCounter.LIFE_OVER, 1);
    boolean isAnswered =
        isTooBig
            ? answers.tooBig(mbuf, l2, mtu - outer, nowNanos)
            : answers.lifeOver(mbuf, l2, nowNanos);
    if (isAnswered) {
      return Way.ANSWER;
    }
    counters.add(FastPathCounter.UNANSWERED, 1);
    return Way.FREE;
  }

  private Way free(FastPathCounter reason) {
    counters.add(reason, 1);
    return Way.FREE;
  }
}

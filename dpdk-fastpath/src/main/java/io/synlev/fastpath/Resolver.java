package io.synlev.fastpath;

import io.synlev.state.NextHop;
import io.synlev.state.Prefix;
import java.net.InetAddress;

/**
 * Finds the Ethernet address of a backend or of the router to it, and learns from answers. Belongs
 * to one worker, the table is everybody's. Neither allocates nor throws.
 *
 * <p>Learned is only what was asked for: an answer to us, while a request of ours is open. Whatever
 * else says that a neighbour has moved makes us ask that neighbour, and no more.
 */
final class Resolver {

  /** ReachableTime and RetransTimer: RFC 4861, 10. */
  static final long REACHABLE_NANOS = 30_000_000_000L;

  static final long RETRANSMIT_NANOS = 1_000_000_000L;

  /** How exactly it is known when a neighbour was wanted. */
  private static final long WANTED_NANOS = 100_000_000L;

  private final NeighbourTable table;
  private final Solicitor solicitor;
  private final Counters counters;
  private final Prefix link4;
  private final Prefix link6;
  private final InetAddress router;
  private final long routerHigh;
  private final long routerLow;

  /** What {@link #resolve} waits for when it answered 0, or {@link NeighbourTable#NOWHERE}. */
  int waitingFor = NeighbourTable.NOWHERE;

  Resolver(NeighbourTable table, Solicitor solicitor, NeighbourOptions options, Counters counters) {
    this.table = table;
    this.solicitor = solicitor;
    this.counters = counters;
    link4 = NeighbourOptions.link(options.ownIpv4(), options.linkIpv4());
    link6 = NeighbourOptions.link(options.ownIpv6(), options.linkIpv6());
    boolean isByArp = options.routerIpv4() != null && solicitor.canAsk(false);
    router = isByArp ? options.routerIpv4() : options.routerIpv6();
    routerHigh = router == null ? 0 : LocalAddresses.high(router);
    routerLow = router == null ? 0 : LocalAddresses.low(router);
  }

  /** Whether a backend is known to be on the link. */
  boolean isOnLink(NextHop hop, boolean isIpv6) {
    Prefix link = isIpv6 ? link6 : link4;
    return link != null
        && (isIpv6
            ? link.contains(true, hop.ipv6High, hop.ipv6Low)
            : link.contains(false, 0, hop.ipv4 & 0xffff_ffffL));
  }

  /**
   * The Ethernet address of a backend, or of the router to it.
   *
   * @param isTunnelled whether it may be behind the router; otherwise it is on the link
   * @param isIpv6 the family of the outer header, with a tunnel
   * @return 0 when it is not known: {@link #waitingFor} tells whether it will be
   */
  long resolve(NextHop hop, boolean isTunnelled, boolean isIpv6, long nowNanos) {
    waitingFor = NeighbourTable.NOWHERE;
    boolean bySixth = isTunnelled ? isIpv6 : !(hop.hasIpv4 && solicitor.canAsk(false));
    if (isTunnelled && router != null && !isOnLink(hop, isIpv6)) {
      return resolve(routerHigh, routerLow, nowNanos);
    }
    if (bySixth) {
      return hop.hasIpv6 ? resolve(hop.ipv6High, hop.ipv6Low, nowNanos) : 0;
    }
    return resolve(0, LocalAddresses.mapped(hop.ipv4), nowNanos);
  }

  private long resolve(long high, long low, long nowNanos) {
    int at = table.find(high, low);
    if (at == NeighbourTable.NOWHERE) {
      begin(high, low, nowNanos);
      return 0;
    }
    long word = table.word(at, high, low);
    if (nowNanos - table.wanted(at) > WANTED_NANOS) {
      table.setWanted(at, nowNanos);
    }
    long mac = NeighbourTable.mac(word);
    if (mac == 0 && NeighbourTable.state(word) == NeighbourTable.INCOMPLETE) {
      waitingFor = at;
    }
    return mac;
  }

  private void begin(long high, long low, long nowNanos) {
    if (!solicitor.canAsk(!LocalAddresses.isMapped(high, low))) {
      return;
    }
    waitingFor = table.add(high, low, nowNanos, nowNanos + RETRANSMIT_NANOS);
    if (waitingFor == NeighbourTable.BUSY) {
      waitingFor = table.find(high, low); // who has made it asks
    } else if (waitingFor == NeighbourTable.NOWHERE) {
      counters.add(FastPathCounter.NEIGHBOUR_FULL, 1);
    } else {
      solicitor.ask(high, low, 0);
    }
  }

  /**
   * Takes what an ARP packet or a solicitation says of its sender.
   *
   * @param isReply whether it is an ARP reply
   * @param isToUs whether that was sent to us alone
   */
  void heard(long high, long low, long mac, boolean isReply, boolean isToUs, long nowNanos) {
    int at = table.find(high, low);
    long word = at == NeighbourTable.NOWHERE ? 0 : table.word(at, high, low);
    if (isReply && isToUs && isAsked(word)) {
      confirm(at, word, mac, nowNanos);
      return;
    }
    if (isReply) {
      counters.add(FastPathCounter.NEIGHBOUR_UNSOLICITED, 1);
    }
    suspect(at, word, mac, nowNanos);
  }

  /**
   * Takes a neighbour advertisement: RFC 4861, 7.2.5.
   *
   * @param mac the option's, or 0 without one
   * @param isToUs whether it answers us
   * @param overrides whether it replaces another address
   */
  void advertised(long high, long low, long mac, boolean isToUs, boolean overrides, long nowNanos) {
    int at = table.find(high, low);
    long word = at == NeighbourTable.NOWHERE ? 0 : table.word(at, high, low);
    long known = NeighbourTable.mac(word);
    boolean isTaken = isToUs && isAsked(word);
    if (isTaken && known != 0 && (mac == 0 || mac == known)) {
      confirm(at, word, known, nowNanos);
    } else if (isTaken && mac != 0 && (known == 0 || overrides)) {
      confirm(at, word, mac, nowNanos);
    } else {
      counters.add(FastPathCounter.NEIGHBOUR_UNSOLICITED, 1);
      suspect(at, word, mac, nowNanos);
    }
  }

  private static boolean isAsked(long word) {
    int state = NeighbourTable.state(word);
    return state == NeighbourTable.INCOMPLETE || state == NeighbourTable.PROBE;
  }

  private void confirm(int at, long word, long mac, long nowNanos) {
    if (table.change(at, word, NeighbourTable.REACHABLE, mac, nowNanos + REACHABLE_NANOS)) {
      counters.add(FastPathCounter.NEIGHBOUR_LEARNED, 1);
    }
  }

  /** Somebody says that a neighbour has another address: we ask. */
  private void suspect(int at, long word, long mac, long nowNanos) {
    int state = NeighbourTable.state(word);
    boolean isSure = state == NeighbourTable.REACHABLE || state == NeighbourTable.STALE;
    long known = NeighbourTable.mac(word);
    if (isSure && mac != 0 && mac != known) {
      table.change(at, word, NeighbourTable.PROBE, known, nowNanos);
    }
  }
}

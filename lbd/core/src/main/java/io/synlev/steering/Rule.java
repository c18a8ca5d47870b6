package io.synlev.steering;

import io.synlev.state.ByteCondition;
import io.synlev.state.PortRange;
import io.synlev.state.Prefix;
import java.util.Comparator;
import java.util.List;

/**
 * One VIP of one service, for one class of packets: what packets of that class must fit.
 *
 * @param service the service's index
 * @param rank what decides between rules that a packet fits
 * @param vip the destination
 * @param ports destination ports; empty for all, or when the class has none
 * @param sources prefixes of the VIP's family; empty for all
 * @param sourcePorts source ports; those of the SCTP packet inside with {@code sctpOverUdp}
 * @param conditions on the transport header; on that of the SCTP packet with {@code sctpOverUdp}
 * @param sctpOverUdp whether packets fit only for the SCTP packet inside of them
 * @param innerPorts destination ports of that SCTP packet; empty for all
 */
record Rule(
    int service,
    Rank rank,
    Prefix vip,
    List<PortRange> ports,
    List<Prefix> sources,
    List<PortRange> sourcePorts,
    List<ByteCondition> conditions,
    boolean sctpOverUdp,
    List<PortRange> innerPorts) {

  /** Best first. No two are equal: of one service, longer VIPs come first. */
  static final Comparator<Rule> ORDER =
      Comparator.comparing(Rule::rank)
          .thenComparing(Rule::service)
          .thenComparing(Rule::sctpOverUdp)
          .thenComparingLong(rule -> rule.vip.high())
          .thenComparingLong(rule -> rule.vip.low());

  /**
   * What decides between services, as {@link io.synlev.state.Service} says.
   *
   * @param borrowed whether the service is not for the packet's protocol but takes it for want of
   *     one that is
   */
  record Rank(
      boolean borrowed,
      int priority,
      int vipLength,
      int portCount,
      int sourceLength,
      int sourcePortCount,
      int conditionCount,
      int protocolCount,
      String name)
      implements Comparable<Rank> {

    private static final Comparator<Rank> ORDER =
        Comparator.comparing(Rank::borrowed)
            .thenComparing(Comparator.comparingInt(Rank::priority).reversed())
            .thenComparing(Comparator.comparingInt(Rank::vipLength).reversed())
            .thenComparingInt(Rank::portCount)
            .thenComparing(Comparator.comparingInt(Rank::sourceLength).reversed())
            .thenComparingInt(Rank::sourcePortCount)
            .thenComparing(Comparator.comparingInt(Rank::conditionCount).reversed())
            .thenComparingInt(Rank::protocolCount)
            .thenComparing(Rank::name);

    @Override
    public int compareTo(Rank other) {
      return ORDER.compare(this, other);
    }
  }
}

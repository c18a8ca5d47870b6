package io.synlev.steering;

import io.synlev.state.PortRange;
import io.synlev.state.Prefix;
import io.synlev.state.Protocol;
import io.synlev.state.Service;
import io.synlev.state.ServiceMatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Takes services apart into rules: the one place that says which packets a service is for. */
final class RuleExpansion {

  private RuleExpansion() {}

  /**
   * The rules for a class of packets of one family, best first.
   *
   * @param services a rule's service is an index here
   */
  static List<Rule> rules(List<Service> services, PacketClass packets, boolean ipv6) {
    List<Rule> rules = new ArrayList<>();
    for (int i = 0; i < services.size(); i++) {
      for (Prefix vip : services.get(i).vips()) {
        if (vip.ipv6() == ipv6) {
          add(i, services.get(i), vip, packets, rules);
        }
      }
    }
    rules.sort(Rule.ORDER);
    return rules;
  }

  private static void add(
      int index, Service service, Prefix vip, PacketClass packets, List<Rule> rules) {
    Set<Protocol> protocols = service.match().fittingProtocols();
    boolean sctpOverUdp =
        service.handling().sctpOverUdpPort() != 0 && protocols.contains(Protocol.SCTP);
    boolean isFor = packets.protocol() == null || protocols.contains(packets.protocol());
    Draft draft = new Draft(index, service, vip);
    switch (packets) {
      case TCP, SCTP, ECHO, ICMP, OTHER -> {
        if (isFor) {
          rules.add(draft.whole());
        }
      }
      case UDP -> {
        if (isFor) {
          rules.add(draft.whole());
        }
        if (sctpOverUdp) {
          rules.add(draft.sctpOverUdp());
        }
      }
      case TCP_WITHOUT_PORTS, SCTP_WITHOUT_PORTS, ANY -> {
        if (isFor) {
          rules.add(draft.withoutPorts(false, true));
        }
      }
      case UDP_WITHOUT_PORTS -> {
        if (isFor || sctpOverUdp) {
          rules.add(draft.withoutPorts(false, true));
        }
      }
    }
    if (packets == PacketClass.ECHO && !isFor && service.handling().echo()) {
      rules.add(draft.withoutPorts(true, true));
    }
    if (packets == PacketClass.ICMP) {
      // An error comes from wherever it happened, not from the client.
      rules.add(draft.withoutPorts(true, false));
    }
  }

  /** Rules of one service for one VIP. */
  private record Draft(int index, Service service, Prefix vip) {

    Rule whole() {
      ServiceMatch match = service.match();
      return new Rule(
          index,
          rank(false),
          vip,
          match.ports(),
          sources(),
          match.sourcePorts(),
          match.conditions(),
          false,
          List.of());
    }

    Rule sctpOverUdp() {
      ServiceMatch match = service.match();
      int port = service.handling().sctpOverUdpPort();
      return new Rule(
          index,
          rank(false),
          vip,
          List.of(new PortRange(port, port)),
          sources(),
          match.sourcePorts(),
          match.conditions(),
          true,
          match.ports());
    }

    Rule withoutPorts(boolean borrowed, boolean withSources) {
      return new Rule(
          index,
          rank(borrowed),
          vip,
          List.of(),
          withSources ? sources() : List.of(),
          List.of(),
          List.of(),
          false,
          List.of());
    }

    private List<Prefix> sources() {
      return service.match().sources().stream().filter(s -> s.ipv6() == vip.ipv6()).toList();
    }

    private Rule.Rank rank(boolean borrowed) {
      ServiceMatch match = service.match();
      return new Rule.Rank(
          borrowed,
          service.priority(),
          vip.length(),
          count(match.ports()),
          sources().stream().mapToInt(Prefix::length).min().orElse(0),
          count(match.sourcePorts()),
          match.conditions().size(),
          match.protocols().size(),
          service.name());
    }

    private static int count(List<PortRange> ranges) {
      return ranges.isEmpty()
          ? PortRange.ALL.size()
          : ranges.stream().mapToInt(PortRange::size).sum();
    }
  }
}

package io.synlev.state;

import io.synlev.state.ByteCondition.Header;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

/** What a service, and the services of an instance together, must not contradict. */
final class ServiceRules {
  private ServiceRules() {}

  /**
   * Checks one service's parts against each other.
   *
   * @throws StateException if no packet can fit a part of it
   */
  static void check(String name, ServiceMatch match, ServiceHandling handling) {
    if (match.vips().isEmpty()) {
      throw refused(name, "has no VIP: give at least one prefix, such as 203.0.113.7/32");
    }
    checkSources(name, match);
    for (ByteCondition condition : match.conditions()) {
      checkCondition(name, match, condition);
    }
    Set<Protocol> fitting = match.fittingProtocols();
    if (fitting.isEmpty()) {
      throw refused(
          name,
          "names ports, which "
              + (match.conditions().isEmpty()
                  ? Protocol.format(match.protocols())
                  : Protocol.ICMP.label())
              + " does not have: add tcp, udp or sctp, or leave the ports out");
    }
    if (handling.sctpOverUdpPort() != 0 && !fitting.contains(Protocol.SCTP)) {
      throw refused(name, "has an SCTP over UDP port but is not for SCTP: add it to the protocols");
    }
  }

  private static void checkSources(String name, ServiceMatch match) {
    for (Prefix source : match.sources()) {
      if (match.vips().stream().noneMatch(vip -> vip.ipv6() == source.ipv6())) {
        throw refused(
            name, "is for sources in " + source + " but has no VIP of that family: leave it out");
      }
    }
    for (Prefix vip : match.vips()) {
      if (!match.sources().isEmpty()
          && match.sources().stream().noneMatch(source -> source.ipv6() == vip.ipv6())) {
        throw refused(
            name,
            "has the VIP "
                + vip
                + " but no sources of that family: add some, such as "
                + (vip.ipv6() ? "::/0" : "0.0.0.0/0"));
      }
    }
  }

  private static void checkCondition(String name, ServiceMatch match, ByteCondition condition) {
    Header header = condition.header();
    if (!match.protocols().contains(header.protocol())) {
      throw refused(
          name,
          "has the condition '%s' but is not for %s: add it to the protocols"
              .formatted(condition, header.protocol().label()));
    }
    for (Prefix vip : match.vips()) {
      if (header.protocol() == Protocol.ICMP && vip.ipv6() != (header == Header.ICMP6)) {
        throw refused(
            name,
            "has the condition '%s', which no packet to the VIP %s can meet: use %s, or two services"
                .formatted(condition, vip, vip.ipv6() ? "icmp6" : "icmp"));
      }
    }
    for (ByteCondition other : match.conditions()) {
      if (contradict(condition, other)) {
        throw refused(
            name,
            "has the conditions '%s' and '%s', which no packet can meet at once: use two services"
                .formatted(condition, other));
      }
    }
  }

  private static boolean contradict(ByteCondition a, ByteCondition b) {
    if (a.header() != b.header()) {
      return true;
    }
    for (int i = 0; i < a.width(); i++) {
      int at = a.offset() + i - b.offset();
      if (at >= 0 && at < b.width()) {
        int shared = at(a.mask(), a.width(), i) & at(b.mask(), b.width(), at);
        if (((at(a.value(), a.width(), i) ^ at(b.value(), b.width(), at)) & shared) != 0) {
          return true;
        }
      }
    }
    return false;
  }

  /** The i-th byte of a number of so many bytes, the highest first. */
  private static int at(int number, int width, int i) {
    return number >>> 8 * (width - 1 - i) & 0xff;
  }

  /** What two services must not have in common. */
  private record Claim(
      Prefix vip,
      int priority,
      Set<Protocol> protocols,
      List<PortRange> ports,
      Set<Prefix> sources,
      List<PortRange> sourcePorts,
      Set<ByteCondition> conditions) {
    static Claim of(Service service, Prefix vip) {
      ServiceMatch match = service.match();
      return new Claim(
          vip,
          service.priority(),
          match.protocols(),
          match.ports(),
          Set.copyOf(match.sources()),
          match.sourcePorts(),
          Set.copyOf(match.conditions()));
    }
  }

  /**
   * Checks all services of an instance.
   *
   * @throws StateException if a name stands twice, a pool is unknown, a mark does not fit, or of
   *     two services one would never get a packet since the other says the same
   */
  static void check(
      Configuration configuration, List<Service> services, InstanceSettings settings) {
    check(
        configuration,
        services,
        settings,
        (service, refusal) -> {
          throw refusal;
        });
  }

  /** Checks all services of an instance; each refusal is told with the service it is about. */
  static void check(
      Configuration configuration,
      List<Service> services,
      InstanceSettings settings,
      BiConsumer<Service, StateException> refused) {
    Set<String> names = new HashSet<>();
    Map<Claim, String> owners = new HashMap<>();
    for (Service service : services) {
      try {
        check(configuration, service, settings, names, owners);
      } catch (StateException e) {
        refused.accept(service, e);
      }
    }
  }

  private static void check(
      Configuration configuration,
      Service service,
      InstanceSettings settings,
      Set<String> names,
      Map<Claim, String> owners) {
    if (!names.add(service.name())) {
      throw new StateException(
          "there is a service '" + service.name() + "' already: choose another name");
    }
    PoolSet.require(configuration, service.pool());
    settings.checkMark(service.handling().noBackend().mark());
    for (Prefix vip : service.vips()) {
      String owner = owners.putIfAbsent(Claim.of(service, vip), service.name());
      if (owner != null) {
        throw new StateException(
            "VIP %s of service '%s' belongs to service '%s' already"
                    .formatted(vip, service.name(), owner)
                + ": remove it there first, or choose other protocols, ports, sources, priority");
      }
    }
  }

  private static StateException refused(String name, String what) {
    return new StateException("service '" + name + "' " + what);
  }
}

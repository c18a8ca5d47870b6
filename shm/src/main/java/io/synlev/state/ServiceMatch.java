package io.synlev.state;

import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Which packets are a service's: those that fit every part.
 *
 * <p>A packet without ports fits no service that names ports.
 *
 * @param protocols at least one
 * @param vips prefixes of destination addresses, at least one
 * @param ports destination ports, in order and apart; empty for all
 * @param sources prefixes of source addresses; empty for all
 * @param sourcePorts source ports, in order and apart; empty for all
 * @param conditions bytes of the transport header; all must be met
 */
public record ServiceMatch(
    Set<Protocol> protocols,
    List<Prefix> vips,
    List<PortRange> ports,
    List<Prefix> sources,
    List<PortRange> sourcePorts,
    List<ByteCondition> conditions) {

  /** Puts ports in order, and takes out what stands twice. */
  public ServiceMatch {
    protocols =
        protocols.isEmpty() || protocols.size() == Protocol.ALL.size()
            ? Protocol.ALL
            : Collections.unmodifiableSet(EnumSet.copyOf(protocols));
    vips = List.copyOf(new LinkedHashSet<>(vips));
    ports = PortRange.normalise(ports);
    sources = List.copyOf(new LinkedHashSet<>(sources));
    sourcePorts = PortRange.normalise(sourcePorts);
    conditions = List.copyOf(new LinkedHashSet<>(conditions));
  }

  /** Whatever is sent to these addresses. */
  public static ServiceMatch of(List<Prefix> vips) {
    return new ServiceMatch(Protocol.ALL, vips, List.of(), List.of(), List.of(), List.of());
  }

  /** The same for other protocols. */
  public ServiceMatch withProtocols(Set<Protocol> others) {
    return new ServiceMatch(others, vips, ports, sources, sourcePorts, conditions);
  }

  /** The same for other VIPs. */
  public ServiceMatch withVips(List<Prefix> others) {
    return new ServiceMatch(protocols, others, ports, sources, sourcePorts, conditions);
  }

  /** The same for other destination ports. */
  public ServiceMatch withPorts(List<PortRange> others) {
    return new ServiceMatch(protocols, vips, others, sources, sourcePorts, conditions);
  }

  /** The same for other sources. */
  public ServiceMatch withSources(List<Prefix> others) {
    return new ServiceMatch(protocols, vips, ports, others, sourcePorts, conditions);
  }

  /** The same for other source ports. */
  public ServiceMatch withSourcePorts(List<PortRange> others) {
    return new ServiceMatch(protocols, vips, ports, sources, others, conditions);
  }

  /** The same under other conditions. */
  public ServiceMatch withConditions(List<ByteCondition> others) {
    return new ServiceMatch(protocols, vips, ports, sources, sourcePorts, others);
  }

  /** Whether it names ports of either side. */
  public boolean namesPorts() {
    return !ports.isEmpty() || !sourcePorts.isEmpty();
  }

  /** The protocols of the packets that can fit: ports and conditions narrow them down. */
  public Set<Protocol> fittingProtocols() {
    Set<Protocol> fitting = EnumSet.copyOf(protocols);
    for (ByteCondition condition : conditions) {
      fitting.removeIf(protocol -> protocol != condition.header().protocol());
    }
    if (namesPorts()) {
      fitting.removeIf(protocol -> !protocol.hasPorts());
    }
    return fitting;
  }
}

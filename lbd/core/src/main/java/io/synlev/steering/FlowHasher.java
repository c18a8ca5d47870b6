package io.synlev.steering;

import io.synlev.hash.FlowHash;
import io.synlev.hash.Seed;
import io.synlev.packet.FlowKey;
import io.synlev.packet.IpProtocol;
import io.synlev.state.HashOn;

/**
 * The hash of a flow: of addresses, protocol and ports, or of addresses alone. Nothing is
 * allocated; any thread may call.
 */
final class FlowHasher {

  private final FlowHash hash;

  FlowHasher(Seed seed) {
    hash = new FlowHash(seed);
  }

  /** The hash for a pool, whose settings say of what. */
  int hash(FlowKey flow, HashOn on) {
    return on == HashOn.TUPLE ? hash(flow, flow.ports, flow.protocol) : byAddresses(flow);
  }

  /** The hash of the addresses alone. */
  int byAddresses(FlowKey flow) {
    return hash(flow, 0, 0);
  }

  private int hash(FlowKey flow, int ports, int protocol) {
    if (flow.family == FlowKey.IPV4) {
      return hash.ipv4((int) flow.sourceLow, (int) flow.destinationLow, ports, protocol);
    }
    return hash.ipv6(
        flow.sourceHigh,
        flow.sourceLow,
        flow.destinationHigh,
        flow.destinationLow,
        ports,
        protocol);
  }

  /** Whether a protocol's packets are steered by more than addresses; ICMP means echo requests. */
  static boolean hasPorts(FlowKey flow) {
    return switch (flow.protocol) {
      case IpProtocol.TCP, IpProtocol.UDP, IpProtocol.SCTP -> true;
      case IpProtocol.ICMP -> flow.family == FlowKey.IPV4;
      case IpProtocol.ICMPV6 -> flow.family == FlowKey.IPV6;
      default -> false;
    };
  }
}

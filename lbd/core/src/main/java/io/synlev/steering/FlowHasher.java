package io.synlev.steering;

import io.synlev.hash.FlowHash;
import io.synlev.hash.Seed;
import io.synlev.packet.FlowBurst;
import io.synlev.packet.FlowKey;
import io.synlev.state.HashOn;

/**
 * The hash of a flow: of addresses, protocol and ports, or of a part of them. Nothing is allocated;
 * any thread may call.
 */
final class FlowHasher {

  private final FlowHash hash;

  FlowHasher(Seed seed) {
    hash = new FlowHash(seed);
  }

  /**
   * The hash of a flow.
   *
   * @param ports as {@link FlowKey#ports}; of an SCTP packet inside UDP, its own
   * @param protocol of those ports
   * @param on which of all that is hashed
   */
  int hash(FlowKey flow, int ports, int protocol, HashOn on) {
    return switch (on) {
      case TUPLE -> hash(flow, ports, protocol);
      case ADDRESSES -> byAddresses(flow);
      // The family is left out, too: an association may have addresses of both.
      case PORTS -> hash.ipv4(0, 0, ports, protocol);
    };
  }

  /** The same for one flow of a burst. */
  int hash(FlowBurst flows, int index, HashOn on) {
    int ports = on == HashOn.ADDRESSES ? 0 : flows.ports[index];
    int protocol = on == HashOn.ADDRESSES ? 0 : flows.protocol[index];
    if (on == HashOn.PORTS) {
      return hash.ipv4(0, 0, ports, protocol);
    }
    if (flows.family[index] == FlowKey.IPV4) {
      return hash.ipv4(
          (int) flows.sourceLow[index], (int) flows.destinationLow[index], ports, protocol);
    }
    return hash.ipv6(
        flows.sourceHigh[index],
        flows.sourceLow[index],
        flows.destinationHigh[index],
        flows.destinationLow[index],
        ports,
        protocol);
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
}

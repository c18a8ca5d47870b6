package io.synlev.steering;

import io.synlev.hash.FlowHash;
import io.synlev.hash.Seed;
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

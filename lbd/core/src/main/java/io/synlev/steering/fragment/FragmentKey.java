package io.synlev.steering.fragment;

import io.synlev.hash.FlowHash;
import io.synlev.packet.FlowKey;
import io.synlev.packet.PacketHeaders;

/**
 * What the fragments of one datagram have in common: family, addresses, identification and, with
 * IPv4, the protocol (RFC 791, section 3.2; RFC 8200, section 4.5). One object that is reused; not
 * thread-safe.
 */
public final class FragmentKey {

  long sourceHigh;
  long sourceLow;
  long destinationHigh;
  long destinationLow;

  /** {@code family << 48 | protocol << 32 | identification}; the protocol is 0 with IPv6. */
  long datagram;

  /** Becomes the key of a fragment whose addresses are known. */
  public void set(PacketHeaders headers) {
    FlowKey flow = headers.flow;
    sourceHigh = flow.sourceHigh;
    sourceLow = flow.sourceLow;
    destinationHigh = flow.destinationHigh;
    destinationLow = flow.destinationLow;
    // A later IPv6 fragment need not say the same protocol as the first: it is not compared.
    long protocol = flow.family == FlowKey.IPV4 ? flow.protocol : 0;
    datagram = (long) flow.family << 48 | protocol << 32 | headers.identification & 0xffff_ffffL;
  }

  /** 32 bits that nobody without the seed can foresee, so no bucket can be filled on purpose. */
  int hash(FlowHash hash) {
    return hash.ipv6(
        sourceHigh,
        sourceLow,
        destinationHigh,
        destinationLow,
        (int) datagram,
        (int) (datagram >>> 32));
  }
}

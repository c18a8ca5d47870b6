package io.synlev.packet;

/**
 * Who talks to whom: family, addresses, protocol and ports, in one object that is reused.
 *
 * <p>Numbers are as read in network byte order, first byte highest. An IPv4 address is the low 32
 * bits of its {@code low} field, zero-extended, and the {@code high} field is 0. Not thread-safe.
 */
public final class FlowKey {

  /** {@link #family} of IPv4. */
  public static final int IPV4 = 4;

  /** {@link #family} of IPv6. */
  public static final int IPV6 = 6;

  /** {@link #IPV4}, {@link #IPV6}, or 0 when nothing is known. */
  public int family;

  /** The first eight bytes of an IPv6 source address; 0 for IPv4. */
  public long sourceHigh;

  /** The last eight bytes of an IPv6 source address, or the IPv4 one. */
  public long sourceLow;

  /** The first eight bytes of an IPv6 destination address; 0 for IPv4. */
  public long destinationHigh;

  /** The last eight bytes of an IPv6 destination address, or the IPv4 one. */
  public long destinationLow;

  /** The transport protocol, 0 to 255; see {@link IpProtocol}. */
  public int protocol;

  /**
   * {@code source port << 16 | destination port}; for an ICMP echo request {@code identifier <<
   * 16}; 0 for everything else.
   */
  public int ports;

  /** Becomes an IPv4 key. */
  public void ipv4(int source, int destination, int protocol, int ports) {
    family = IPV4;
    sourceHigh = 0;
    sourceLow = source & 0xffff_ffffL;
    destinationHigh = 0;
    destinationLow = destination & 0xffff_ffffL;
    this.protocol = protocol;
    this.ports = ports;
  }

  /** Becomes an IPv6 key. */
  public void ipv6(
      long sourceHigh,
      long sourceLow,
      long destinationHigh,
      long destinationLow,
      int protocol,
      int ports) {
    family = IPV6;
    this.sourceHigh = sourceHigh;
    this.sourceLow = sourceLow;
    this.destinationHigh = destinationHigh;
    this.destinationLow = destinationLow;
    this.protocol = protocol;
    this.ports = ports;
  }

  /** Becomes equal to another key. */
  public void copy(FlowKey other) {
    ipv6(
        other.sourceHigh,
        other.sourceLow,
        other.destinationHigh,
        other.destinationLow,
        other.protocol,
        other.ports);
    family = other.family;
  }

  /** Whether another key is of the same flow. */
  public boolean isSame(FlowKey other) {
    return family == other.family
        && sourceHigh == other.sourceHigh
        && sourceLow == other.sourceLow
        && destinationHigh == other.destinationHigh
        && destinationLow == other.destinationLow
        && protocol == other.protocol
        && ports == other.ports;
  }

  /** Forgets everything. */
  public void clear() {
    ipv6(0, 0, 0, 0, 0, 0);
    family = 0;
  }
}

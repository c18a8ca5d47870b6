package io.synlev.packet;

/**
 * The flows of packets that arrived together: parallel arrays, one index a packet, so that a table
 * can look all of them up in one loop and its cache misses overlap.
 *
 * <p>Numbers are as in {@link FlowKey}, from client to VIP: TCP, UDP or SCTP, ports known. Two
 * packets of one flow are two entries. Reused; belongs to one worker thread.
 */
public final class FlowBurst {

  /** How many flows there are; what the arrays hold behind them is left from before. */
  public int count;

  /** {@link FlowKey#IPV4} or {@link FlowKey#IPV6}. */
  public final byte[] family;

  /** The first eight bytes of IPv6 source addresses; not set for IPv4. */
  public final long[] sourceHigh;

  /** The last eight bytes of IPv6 source addresses, or IPv4 ones, zero-extended. */
  public final long[] sourceLow;

  /** The first eight bytes of IPv6 destination addresses; not set for IPv4. */
  public final long[] destinationHigh;

  /** The last eight bytes of IPv6 destination addresses, or IPv4 ones, zero-extended. */
  public final long[] destinationLow;

  /** {@code source port << 16 | destination port}. */
  public final int[] ports;

  /** The transport protocol: {@link IpProtocol#TCP}, UDP or SCTP. */
  public final int[] protocol;

  /** TCP's byte 13, 0 to 255; 0 for other protocols, and when the byte is not there. */
  public final int[] tcpFlags;

  /**
   * Allocates the arrays.
   *
   * @param capacity the most flows there will be
   */
  public FlowBurst(int capacity) {
    family = new byte[capacity];
    sourceHigh = new long[capacity];
    sourceLow = new long[capacity];
    destinationHigh = new long[capacity];
    destinationLow = new long[capacity];
    ports = new int[capacity];
    protocol = new int[capacity];
    tcpFlags = new int[capacity];
  }

  /** Copies one flow to another index. */
  public void move(int from, int to) {
    family[to] = family[from];
    sourceHigh[to] = sourceHigh[from];
    sourceLow[to] = sourceLow[from];
    destinationHigh[to] = destinationHigh[from];
    destinationLow[to] = destinationLow[from];
    ports[to] = ports[from];
    protocol[to] = protocol[from];
    tcpFlags[to] = tcpFlags[from];
  }

  /** Whether two entries are of one flow. */
  public boolean areSame(int one, int other) {
    boolean isIpv4 = family[one] == FlowKey.IPV4;
    return family[one] == family[other]
        && sourceLow[one] == sourceLow[other]
        && destinationLow[one] == destinationLow[other]
        && ports[one] == ports[other]
        && protocol[one] == protocol[other]
        && (isIpv4
            || sourceHigh[one] == sourceHigh[other]
                && destinationHigh[one] == destinationHigh[other]);
  }

  /** Copies one flow out. */
  public void copy(int index, FlowKey out) {
    if (family[index] == FlowKey.IPV4) {
      out.ipv4((int) sourceLow[index], (int) destinationLow[index], protocol[index], ports[index]);
    } else {
      out.ipv6(
          sourceHigh[index],
          sourceLow[index],
          destinationHigh[index],
          destinationLow[index],
          protocol[index],
          ports[index]);
    }
  }
}

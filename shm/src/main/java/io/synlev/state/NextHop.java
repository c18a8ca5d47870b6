package io.synlev.state;

/**
 * Where a backend is, copied out of its record together with the table entry that names it. An
 * object that is reused; belongs to one thread.
 */
public final class NextHop {

  /** Whether anything is known: of a packet without a backend, nothing is. */
  public boolean isKnown;

  /** How the pool's packets are carried. */
  public Forwarding forwarding = Forwarding.L2DSR;

  /** Its Ethernet address, first byte highest, or 0 for none. */
  public long mac;

  /** Whether it has an IPv4 address. */
  public boolean hasIpv4;

  /** Its IPv4 address, first byte highest. */
  public int ipv4;

  /** Whether it has an IPv6 address. */
  public boolean hasIpv6;

  /** The first eight bytes of its IPv6 address. */
  public long ipv6High;

  /** The last eight bytes. */
  public long ipv6Low;

  /** Forgets what is known. */
  public void clear() {
    isKnown = false;
  }

  /** Becomes equal to another one. */
  public void copy(NextHop other) {
    isKnown = other.isKnown;
    forwarding = other.forwarding;
    mac = other.mac;
    hasIpv4 = other.hasIpv4;
    ipv4 = other.ipv4;
    hasIpv6 = other.hasIpv6;
    ipv6High = other.ipv6High;
    ipv6Low = other.ipv6Low;
  }
}

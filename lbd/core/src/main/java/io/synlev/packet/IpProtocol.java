package io.synlev.packet;

/**
 * Protocol numbers, as in the IPv4 protocol field and the IPv6 next header field.
 *
 * <p>Source: IANA "Assigned Internet Protocol Numbers" and "IPv6 Extension Header Types".
 */
public final class IpProtocol {

  /** IPv6 hop-by-hop options (RFC 8200, section 4.3). */
  public static final int HOP_BY_HOP = 0;

  /** ICMP for IPv4 (RFC 792). */
  public static final int ICMP = 1;

  /** TCP (RFC 9293). */
  public static final int TCP = 6;

  /** UDP (RFC 768). */
  public static final int UDP = 17;

  /** IPv6 routing header (RFC 8200, section 4.4). */
  public static final int ROUTING = 43;

  /** IPv6 fragment header (RFC 8200, section 4.5). */
  public static final int FRAGMENT = 44;

  /** Encapsulating security payload (RFC 4303): what follows is encrypted. */
  public static final int ESP = 50;

  /** Authentication header (RFC 4302, section 2). */
  public static final int AH = 51;

  /** ICMP for IPv6 (RFC 4443). */
  public static final int ICMPV6 = 58;

  /** Nothing follows (RFC 8200, section 4.7). */
  public static final int NO_NEXT_HEADER = 59;

  /** IPv6 destination options (RFC 8200, section 4.6). */
  public static final int DESTINATION_OPTIONS = 60;

  /** SCTP (RFC 9260). */
  public static final int SCTP = 132;

  /** Mobility header (RFC 6275, section 6.1). */
  public static final int MOBILITY = 135;

  /** Host identity protocol (RFC 7401, section 5.1). */
  public static final int HIP = 139;

  /** Shim6 (RFC 5533, section 5). */
  public static final int SHIM6 = 140;

  private IpProtocol() {}
}

package io.synlev.fastpath;

import java.net.Inet4Address;
import java.net.Inet6Address;

/**
 * How packets are forwarded.
 *
 * @param mtu the largest IP packet that the sending port takes, 576 to 65535 bytes
 * @param routerMac the Ethernet address that tunnelled packets go to when their backend has none,
 *     first byte highest; 0 for none
 * @param tunnelIpv4 outer IPv4 sources begin with its first 16 bits
 * @param tunnelIpv6 outer IPv6 sources begin with its first 64 bits
 * @param ownIpv4 the source of ICMP errors, or null to send none
 * @param ownIpv6 the same for IPv6
 * @param answersPerSecond the most ICMP errors that each worker sends a second, 0 to 1000000
 * @param checksumOffload whether the sending port computes outer IPv4 checksums
 */
public record ForwardingOptions(
    int mtu,
    long routerMac,
    Inet4Address tunnelIpv4,
    Inet6Address tunnelIpv6,
    Inet4Address ownIpv4,
    Inet6Address ownIpv6,
    int answersPerSecond,
    boolean checksumOffload) {

  /** RFC 791: every host takes so many bytes. */
  private static final int LEAST_MTU = 576;

  /**
   * MTU 1500, no router, outer sources from 172.16.0.0/16 and 100::/64 (the discard prefix of RFC
   * 6666: nobody answers to them), no ICMP errors until there is an own address, 1000 a second
   * then.
   */
  public static final ForwardingOptions DEFAULT =
      new ForwardingOptions(
          1500,
          0,
          Inet4Address.ofLiteral("172.16.0.0"),
          (Inet6Address) Inet6Address.ofLiteral("100::"),
          null,
          null,
          1000,
          false);

  /** Checks the ranges. */
  public ForwardingOptions {
    check("MTU", mtu, LEAST_MTU, 65535);
    check("answers a second", answersPerSecond, 0, 1_000_000);
  }

  static void check(String what, long value, long least, long most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          what + " " + value + " is out of range: use " + least + " to " + most);
    }
  }

  /** The same with another MTU. */
  public ForwardingOptions withMtu(int bytes) {
    return new ForwardingOptions(
        bytes,
        routerMac,
        tunnelIpv4,
        tunnelIpv6,
        ownIpv4,
        ownIpv6,
        answersPerSecond,
        checksumOffload);
  }

  /** The same with a router for tunnelled packets. */
  public ForwardingOptions withRouter(long mac) {
    return new ForwardingOptions(
        mtu, mac, tunnelIpv4, tunnelIpv6, ownIpv4, ownIpv6, answersPerSecond, checksumOffload);
  }

  /** The same with own addresses, from which ICMP errors come; null for none. */
  public ForwardingOptions withOwn(Inet4Address ipv4, Inet6Address ipv6) {
    return new ForwardingOptions(
        mtu, routerMac, tunnelIpv4, tunnelIpv6, ipv4, ipv6, answersPerSecond, checksumOffload);
  }

  /** The same with another limit of ICMP errors. */
  public ForwardingOptions withAnswersPerSecond(int most) {
    return new ForwardingOptions(
        mtu, routerMac, tunnelIpv4, tunnelIpv6, ownIpv4, ownIpv6, most, checksumOffload);
  }

  /** The same, the sending port computing outer checksums or not. */
  public ForwardingOptions withChecksumOffload(boolean on) {
    return new ForwardingOptions(
        mtu, routerMac, tunnelIpv4, tunnelIpv6, ownIpv4, ownIpv6, answersPerSecond, on);
  }
}

package io.synlev.fastpath;

import io.synlev.state.Prefix;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * What the balancer is on its link: docs/dpdk-neighbours.md.
 *
 * @param ownIpv4 its address, or null: then it asks nobody by ARP
 * @param linkIpv4 bits of it that all stations on the link share, 0 to 32; 32 for unknown
 * @param ownIpv6 its address, or null: then it asks nobody by neighbour discovery
 * @param linkIpv6 the same, 0 to 128
 * @param routerIpv4 the router to backends that are not on the link, or null
 * @param routerIpv6 the same for IPv6
 * @param answersForVips whether it says that VIPs are its own
 * @param most neighbours that are known at once, 16 to 65536
 * @param sources further addresses of its own, to which backends of translated pools reply
 */
public record NeighbourOptions(
    Inet4Address ownIpv4,
    int linkIpv4,
    Inet6Address ownIpv6,
    int linkIpv6,
    Inet4Address routerIpv4,
    Inet6Address routerIpv6,
    boolean answersForVips,
    int most,
    List<InetAddress> sources) {

  /** No own addresses, no routers, VIPs are answered for, 1024 neighbours. */
  public static final NeighbourOptions DEFAULT =
      new NeighbourOptions(null, 32, null, 128, null, null, true, 1024, List.of());

  /** Checks the ranges. */
  public NeighbourOptions {
    sources = List.copyOf(sources);
    ForwardingOptions.check("length of the IPv4 link prefix", linkIpv4, 0, 32);
    ForwardingOptions.check("length of the IPv6 link prefix", linkIpv6, 0, 128);
    ForwardingOptions.check("number of neighbours", most, 16, 65536);
  }

  /** The same with own addresses, and how much of them the link's stations share. */
  public NeighbourOptions withOwn(Inet4Address ipv4, int bits4, Inet6Address ipv6, int bits6) {
    return new NeighbourOptions(
        ipv4, bits4, ipv6, bits6, routerIpv4, routerIpv6, answersForVips, most, sources);
  }

  /** The same with routers; null for none. */
  public NeighbourOptions withRouters(Inet4Address ipv4, Inet6Address ipv6) {
    return new NeighbourOptions(
        ownIpv4, linkIpv4, ownIpv6, linkIpv6, ipv4, ipv6, answersForVips, most, sources);
  }

  /** The same, answering for VIPs or not. */
  public NeighbourOptions withVips(boolean on) {
    return new NeighbourOptions(
        ownIpv4, linkIpv4, ownIpv6, linkIpv6, routerIpv4, routerIpv6, on, most, sources);
  }

  /** The same with room for another number of neighbours. */
  public NeighbourOptions withMost(int number) {
    return new NeighbourOptions(
        ownIpv4,
        linkIpv4,
        ownIpv6,
        linkIpv6,
        routerIpv4,
        routerIpv6,
        answersForVips,
        number,
        sources);
  }

  /** The same with other sources of translated packets. */
  public NeighbourOptions withSources(List<InetAddress> addresses) {
    return new NeighbourOptions(
        ownIpv4,
        linkIpv4,
        ownIpv6,
        linkIpv6,
        routerIpv4,
        routerIpv6,
        answersForVips,
        most,
        addresses);
  }

  /** The prefix of the stations on the link, or null without an own address. */
  static Prefix link(InetAddress own, int bits) {
    if (own == null) {
      return null;
    }
    ByteBuffer bytes = ByteBuffer.wrap(own.getAddress());
    boolean isIpv6 = bytes.remaining() == 16;
    long high = isIpv6 ? bytes.getLong() : 0;
    long low = isIpv6 ? bytes.getLong() : Integer.toUnsignedLong(bytes.getInt());
    return new Prefix(isIpv6, high, low, isIpv6 ? 128 : 32).shortened(bits);
  }
}

package io.synlev.nat;

import io.synlev.memory.Memory;
import io.synlev.packet.FlowKey;
import io.synlev.packet.IpProtocol;
import io.synlev.packet.PacketHeaders;

/**
 * Writes a {@link Translation} into a packet: addresses, ports, the IPv4 identification, and all
 * checksums by what has changed (RFC 1624). A checksum that was wrong stays wrong. The caller has
 * seen that the headers are there. Pure but for the packet. Hot.
 */
final class Rewriter {

  /** Where a TCP header has its checksum. */
  private static final int TCP_CHECKSUM = 16;

  private static final int UDP_CHECKSUM = 6;
  private static final int ICMP_CHECKSUM = 2;

  private static final int IPV4_IDENTIFICATION = 4;
  private static final int IPV4_CHECKSUM = 10;
  private static final int IPV4_ADDRESSES = 12;
  private static final int IPV6_ADDRESSES = 8;

  private Rewriter() {}

  /** How many bytes of a transport header there must be, its checksum being the last of them. */
  static int needed(int protocol) {
    return protocol == IpProtocol.TCP ? TCP_CHECKSUM + 2 : UDP_CHECKSUM + 2;
  }

  /** Translates a TCP or UDP packet in one piece, or a first fragment. */
  static void translate(long packet, PacketHeaders headers, Translation to) {
    long header = packet + headers.transportOffset;
    int protocol = headers.flow.protocol;
    long changes =
        putAddresses(packet, to.family, to.fromHigh, to.fromLow, to.toHigh, to.toLow)
            + putPorts(header, to.fromPort << 16 | to.toPort);
    correct(header, protocol, changes);
  }

  /** Translates what has no ports to translate: a later fragment. */
  static void translateAddresses(long packet, Translation to) {
    putAddresses(packet, to.family, to.fromHigh, to.fromLow, to.toHigh, to.toLow);
  }

  /**
   * Translates an ICMP or ICMPv6 error and the packet that it quotes, which went the other way (RFC
   * 5508, REQ-4 and REQ-5). Whoever sent the error, it comes from where the receiver's packets go.
   *
   * @param quoted TCP or UDP, with its ports there
   */
  static void translateError(
      long packet, PacketHeaders headers, PacketHeaders quoted, Translation to) {
    long inner = quoted.address;
    long transport = inner + quoted.transportOffset;
    int protocol = quoted.flow.protocol;
    boolean isIpv4 = to.family == FlowKey.IPV4;
    int oldInnerSum = isIpv4 ? Memory.getUnsignedShortBe(inner, IPV4_CHECKSUM) : 0;
    long addresses = putAddresses(inner, to.family, to.toHigh, to.toLow, to.fromHigh, to.fromLow);
    long changes = addresses + putPorts(transport, to.toPort << 16 | to.fromPort);
    long inMessage = changes;
    if (quoted.end - quoted.transportOffset >= needed(protocol)) {
      inMessage += correct(transport, protocol, changes);
    }
    if (isIpv4) {
      int innerSum = Memory.getUnsignedShortBe(inner, IPV4_CHECKSUM);
      inMessage += Ones.changeShort(oldInnerSum, innerSum);
    }
    long outer = putAddresses(packet, to.family, to.fromHigh, to.fromLow, to.toHigh, to.toLow);
    // Only ICMPv6's checksum is about the addresses, too (RFC 4443, section 2.3).
    long icmp = packet + headers.transportOffset;
    int sum = Memory.getUnsignedShortBe(icmp, ICMP_CHECKSUM);
    putSum(icmp, ICMP_CHECKSUM, Ones.corrected(sum, isIpv4 ? inMessage : inMessage + outer));
  }

  /** Writes an IPv4 packet's identification. */
  static void putIdentification(long packet, int identification) {
    int old = Memory.getUnsignedShortBe(packet, IPV4_IDENTIFICATION);
    Memory.putShortBe(packet, IPV4_IDENTIFICATION, (short) identification);
    correctIpv4(packet, Ones.changeShort(old, identification));
  }

  private static void correctIpv4(long packet, long changes) {
    int sum = Memory.getUnsignedShortBe(packet, IPV4_CHECKSUM);
    putSum(packet, IPV4_CHECKSUM, Ones.corrected(sum, changes));
  }

  /** Writes source and destination, and corrects an IPv4 header's checksum; what they change. */
  private static long putAddresses(
      long packet, int family, long fromHigh, long fromLow, long toHigh, long toLow) {
    if (family == FlowKey.IPV4) {
      long changes = put(packet, IPV4_ADDRESSES, fromLow << 32 | toLow);
      correctIpv4(packet, changes);
      return changes;
    }
    return put(packet, IPV6_ADDRESSES, fromHigh)
        + put(packet, IPV6_ADDRESSES + 8, fromLow)
        + put(packet, IPV6_ADDRESSES + 16, toHigh)
        + put(packet, IPV6_ADDRESSES + 24, toLow);
  }

  private static long put(long packet, int offset, long now) {
    long old = Memory.getLongBe(packet, offset);
    Memory.putLongBe(packet, offset, now);
    return Ones.change(old, now);
  }

  private static long putPorts(long header, int now) {
    int old = Memory.getIntBe(header, 0);
    Memory.putIntBe(header, 0, now);
    return Ones.change(old, now);
  }

  /** Corrects a transport checksum; what that changes. */
  private static long correct(long header, int protocol, long changes) {
    boolean isUdp = protocol == IpProtocol.UDP;
    int at = isUdp ? UDP_CHECKSUM : TCP_CHECKSUM;
    int old = Memory.getUnsignedShortBe(header, at);
    if (isUdp && old == 0) {
      return 0; // none was made (RFC 768; RFC 6936 for IPv6)
    }
    int sum = Ones.corrected(old, changes);
    int now = isUdp && sum == 0 ? 0xffff : sum;
    putSum(header, at, now);
    return Ones.changeShort(old, now);
  }

  private static void putSum(long base, int offset, int sum) {
    Memory.putShortBe(base, offset, (short) sum);
  }
}

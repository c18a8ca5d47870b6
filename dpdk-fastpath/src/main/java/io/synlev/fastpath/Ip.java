package io.synlev.fastpath;

import io.synlev.memory.Memory;

/**
 * What forwarding needs of an IP header, RFC 791 and RFC 8200. Hot: nothing but memory accesses.
 */
final class Ip {

  static final int IPV4_HEADER = 20;
  static final int IPV6_HEADER = 40;
  static final int ICMP = 1;
  static final int ICMPV6 = 58;

  private Ip() {}

  /** The first eight bytes, first one highest, in which most of what is needed stands. */
  static long start(long packet) {
    return Memory.getLongBe(packet, 0);
  }

  static boolean startsIpv4(long start) {
    return start >>> 60 == 4;
  }

  /** How long the packet says it is, header included. */
  static int totalLength(long start, boolean isIpv4) {
    return isIpv4 ? (int) (start >>> 32) & 0xffff : IPV6_HEADER + ((int) (start >>> 16) & 0xffff);
  }

  /** TTL or hop limit. */
  static int life(long packet, long start, boolean isIpv4) {
    return isIpv4 ? Memory.getUnsignedByte(packet, 8) : (int) start & 0xff;
  }

  /** Takes one off the TTL or hop limit, which is above 0. */
  static void age(long packet, boolean isIpv4) {
    if (isIpv4) {
      Checksum.decrementTtl(packet);
    } else {
      Memory.putByte(packet + 7, (byte) (Memory.getByte(packet + 7) - 1));
    }
  }

  /** Type of service or traffic class: DSCP and ECN. */
  static int trafficClass(long start, boolean isIpv4) {
    return (int) (isIpv4 ? start >>> 48 : start >>> 52) & 0xff;
  }
}

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

  static boolean isIpv4(long packet) {
    return Memory.getByte(packet) >> 4 == 4;
  }

  /** How long the packet says it is, header included. */
  static int length(long packet, boolean isIpv4) {
    return isIpv4
        ? Memory.getShortBe(packet + 2) & 0xffff
        : IPV6_HEADER + (Memory.getShortBe(packet + 4) & 0xffff);
  }

  /** TTL or hop limit. */
  static int life(long packet, boolean isIpv4) {
    return Memory.getByte(packet + (isIpv4 ? 8 : 7)) & 0xff;
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
  static int trafficClass(long packet, boolean isIpv4) {
    return isIpv4 ? Memory.getByte(packet + 1) & 0xff : Memory.getIntBe(packet) >>> 20 & 0xff;
  }
}

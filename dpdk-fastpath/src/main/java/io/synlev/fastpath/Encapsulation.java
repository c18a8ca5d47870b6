package io.synlev.fastpath;

import io.synlev.dpdk.Mbuf;
import io.synlev.memory.Memory;
import io.synlev.state.NextHop;

/**
 * Puts a packet into another one to its backend: IPv4 in IPv4 (RFC 2003), IPv6 in IPv6 and IPv4 in
 * IPv6 (RFC 2473).
 *
 * <p>The outer source is a prefix and bits of the flow's hash, so that the backend's NIC spreads
 * flows over its queues; the traffic class is the inner one's, ECN included. Outer IPv4 packets are
 * never fragments: DF is set and the identification 0 (RFC 6864). Hot.
 */
final class Encapsulation {

  /** Protocol numbers of a packet inside another one. */
  private static final int IPV4_INSIDE = 4;

  private static final int IPV6_INSIDE = 41;

  private static final int LIFE = 64;
  private static final int DO_NOT_FRAGMENT = 0x4000;
  private static final int GOLDEN = 0x9e3779b1; // 2^32 / golden ratio: spreads low bits upwards

  private final int sourceIpv4;
  private final long sourceIpv6;
  private final boolean checksumOffload;

  Encapsulation(ForwardingOptions options) {
    sourceIpv4 = first(options.tunnelIpv4().getAddress(), 2) << 16;
    byte[] ipv6 = options.tunnelIpv6().getAddress();
    sourceIpv6 = (long) first(ipv6, 4) << 32 | second(ipv6) & 0xffff_ffffL;
    checksumOffload = options.checksumOffload();
  }

  private static int first(byte[] bytes, int count) {
    int value = 0;
    for (int i = 0; i < count; i++) {
      value = value << 8 | bytes[i] & 0xff;
    }
    return value;
  }

  private static int second(byte[] bytes) {
    return first(new byte[] {bytes[4], bytes[5], bytes[6], bytes[7]}, 4);
  }

  /** How long the outer header is, or 0 when the backend has no address for this packet. */
  static int headerLength(NextHop hop, boolean isIpv4) {
    if (isIpv4 && hop.hasIpv4) {
      return Ip.IPV4_HEADER;
    }
    return hop.hasIpv6 ? Ip.IPV6_HEADER : 0;
  }

  /**
   * Encapsulates; the room before the frame was checked.
   *
   * @param mbuf of one segment
   * @param l2 bytes before the IP packet: its Ethernet header, perhaps with a tag
   * @param outer {@link #headerLength}
   * @param to the frame's new destination
   * @param from its new source
   */
  void encapsulate(long mbuf, int l2, int outer, NextHop hop, int hash, long to, long from) {
    long oldFrame = Mbuf.data(mbuf);
    long packet = oldFrame + l2;
    boolean isIpv4 = Ip.isIpv4(packet);
    int length = Ip.length(packet, isIpv4);
    long frame = oldFrame - outer;
    if (l2 > Ethernet.HEADER) {
      Memory.putInt(frame + Ethernet.ADDRESSES, Memory.getInt(oldFrame + Ethernet.ADDRESSES));
    }
    Ethernet.putAddresses(frame, to, from);
    Mbuf.setHeadroom(mbuf, Mbuf.headroom(mbuf) - outer);
    Mbuf.setLength(mbuf, l2 + outer + length); // a short frame's padding stays behind
    if (outer == Ip.IPV4_HEADER) {
      Memory.putShortBe(frame + l2 - 2, (short) Ethernet.IPV4);
      putIpv4(frame + l2, packet, length, hop.ipv4, hash);
      if (checksumOffload) {
        Mbuf.offloadIpv4Checksum(mbuf, l2, outer);
      }
    } else {
      Memory.putShortBe(frame + l2 - 2, (short) Ethernet.IPV6);
      putIpv6(frame + l2, packet, isIpv4, length, hop, hash);
    }
  }

  private void putIpv4(long at, long packet, int length, int destination, int hash) {
    int total = Ip.IPV4_HEADER + length;
    int first = 0x4500 | Ip.trafficClass(packet, true);
    int source = sourceIpv4 | hash * GOLDEN >>> 16;
    int lifeAndProtocol = LIFE << 8 | IPV4_INSIDE;
    Memory.putIntBe(at, first << 16 | total);
    Memory.putIntBe(at + 4, DO_NOT_FRAGMENT);
    short checksum = 0;
    if (!checksumOffload) {
      long sum =
          (long) first
              + total
              + DO_NOT_FRAGMENT
              + lifeAndProtocol
              + (source >>> 16)
              + (source & 0xffff)
              + (destination >>> 16)
              + (destination & 0xffff);
      checksum = Checksum.finish(sum);
    }
    Memory.putIntBe(at + 8, lifeAndProtocol << 16 | checksum & 0xffff);
    Memory.putIntBe(at + 12, source);
    Memory.putIntBe(at + 16, destination);
  }

  private void putIpv6(long at, long packet, boolean isIpv4, int length, NextHop hop, int hash) {
    int spread = hash * GOLDEN;
    int trafficClass = Ip.trafficClass(packet, isIpv4);
    // The flow label lets routers spread, too: RFC 6438.
    Memory.putIntBe(at, 6 << 28 | trafficClass << 20 | spread >>> 12);
    int next = isIpv4 ? IPV4_INSIDE : IPV6_INSIDE;
    Memory.putIntBe(at + 4, length << 16 | next << 8 | LIFE);
    Memory.putLongBe(at + 8, sourceIpv6);
    Memory.putLongBe(at + 16, spread & 0xffff_ffffL);
    Memory.putLongBe(at + 24, hop.ipv6High);
    Memory.putLongBe(at + 32, hop.ipv6Low);
  }
}

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
  private static final int LIFE_AND_PROTOCOL = LIFE << 8 | IPV4_INSIDE;
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
   * @param packet the address of its IP header
   * @param start {@link Ip#start}
   * @param l2 bytes before it: its Ethernet header, perhaps with a tag
   * @param outer {@link #headerLength}
   * @param to the frame's new destination
   * @param from its new source
   */
  void encapsulate(
      long mbuf,
      long packet,
      long start,
      int l2,
      int outer,
      NextHop hop,
      int hash,
      long to,
      long from) {
    boolean isIpv4 = Ip.startsIpv4(start);
    int length = Ip.totalLength(start, isIpv4);
    boolean isInIpv4 = outer == Ip.IPV4_HEADER;
    putEthernet(packet - outer, packet, l2, to, from, isInIpv4 ? Ethernet.IPV4 : Ethernet.IPV6);
    Mbuf.setHeadroom(mbuf, Mbuf.headroom(mbuf) - outer);
    Mbuf.setLength(mbuf, l2 + outer + length); // a short frame's padding stays behind
    if (isInIpv4) {
      putIpv4(packet - outer, Ip.trafficClass(start, true), length, hop.ipv4, hash);
      if (checksumOffload) {
        Mbuf.offloadIpv4Checksum(mbuf, l2, outer);
      }
    } else {
      putIpv6(packet - outer, Ip.trafficClass(start, isIpv4), isIpv4, length, hop, hash);
    }
  }

  /** Puts a header before what begins at an address; a tag is that of the old frame. */
  private static void putEthernet(long at, long oldPacket, int l2, long to, long from, int type) {
    if (l2 == Ethernet.HEADER) {
      Ethernet.put(at - Ethernet.HEADER, to, from, type);
      return;
    }
    int tag = Memory.getInt(oldPacket - l2 + Ethernet.ADDRESSES);
    Ethernet.putAddresses(at - l2, to, from);
    Memory.putInt(at - l2 + Ethernet.ADDRESSES, tag);
    Memory.putShortBe(at - 2, (short) type);
  }

  private void putIpv4(long at, int trafficClass, int length, int destination, int hash) {
    int first = 0x4500 | trafficClass;
    int total = Ip.IPV4_HEADER + length;
    int source = sourceIpv4 | hash * GOLDEN >>> 16;
    Memory.putLongBe(at, 0, (long) first << 48 | (long) total << 32 | DO_NOT_FRAGMENT);
    int checksum = 0;
    if (!checksumOffload) {
      int sum =
          first
              + total
              + DO_NOT_FRAGMENT
              + LIFE_AND_PROTOCOL
              + (source >>> 16)
              + (source & 0xffff)
              + (destination >>> 16)
              + (destination & 0xffff);
      checksum = Checksum.finish(sum) & 0xffff;
    }
    long life = LIFE_AND_PROTOCOL << 16 | checksum;
    Memory.putLongBe(at, 8, life << 32 | source & 0xffff_ffffL);
    Memory.putIntBe(at, 16, destination);
  }

  private void putIpv6(
      long at, int trafficClass, boolean isIpv4, int length, NextHop hop, int hash) {
    int spread = hash * GOLDEN;
    // The flow label lets routers spread, too: RFC 6438.
    int first = 6 << 28 | trafficClass << 20 | spread >>> 12;
    int next = isIpv4 ? IPV4_INSIDE : IPV6_INSIDE;
    int second = length << 16 | next << 8 | LIFE;
    Memory.putLongBe(at, 0, (long) first << 32 | second & 0xffff_ffffL);
    Memory.putLongBe(at, 8, sourceIpv6);
    Memory.putLongBe(at, 16, spread & 0xffff_ffffL);
    Memory.putLongBe(at, 24, hop.ipv6High);
    Memory.putLongBe(at, 32, hop.ipv6Low);
  }
}

package io.synlev.packet;

import io.synlev.memory.Memory;

/**
 * Reads a burst of packets of the plain kind in one loop, which is what most traffic consists of: a
 * sound TCP, UDP or SCTP header right behind an IPv4 header without options or an IPv6 header, no
 * fragment, and everything there that {@link PacketParser} looks at and {@link FlowBurst} holds.
 *
 * <p>What it takes, {@link PacketParser} reads the same; whatever else there is, it leaves to that
 * one. A packet's end is found in the same way: by its length field, or where its bytes end. No
 * byte outside a packet is read, whatever the bytes say; a length field of 0 is not plain.
 *
 * <p>Hot: few wide reads, small methods, since C2 stops inlining memory accesses in large ones. Any
 * thread may call; allocates nothing and throws nothing.
 */
public final class PlainParser {

  /** UDP's header, and all that is looked at of SCTP's. */
  private static final int LEAST_HEADER = TransportHeader.UDP_MIN_LENGTH;

  /** TCP's header up to its flags. */
  private static final int TCP_LOOKED_AT = TransportHeader.TCP_FLAGS_FIELD_OFFSET + 1;

  /** The first eight bytes of an IPv4 header: version and length, more fragments, offset. */
  private static final long IPV4_MASK = 0xff00_0000_0000_3fffL;

  private static final long IPV4_PLAIN = 0x4500_0000_0000_0000L;

  private PlainParser() {}

  /**
   * Parses packets until the end or the one that is not plain.
   *
   * @param addresses of the first bytes of the IP headers
   * @param lengths bytes that are there; 0 or less means none
   * @param to the index behind the last one
   * @param out where plain packets go, behind those that are there already
   * @param indices where their indices go, at the same places
   * @param others where the indices of all others go
   * @param otherCount how many of those there are already
   * @return how many of those there are now
   */
  public static int parse(
      long[] addresses,
      int[] lengths,
      int from,
      int to,
      FlowBurst out,
      int[] indices,
      int[] others,
      int otherCount) {
    int plain = out.count;
    int left = otherCount;
    for (int i = from; i < to; i++) {
      if (isPlain(addresses[i], lengths[i], plain, out)) {
        indices[plain++] = i;
      } else {
        others[left++] = i;
      }
    }
    out.count = plain;
    return left;
  }

  /** Parses one; false if it is not plain. */
  private static boolean isPlain(long address, int length, int at, FlowBurst out) {
    if (length < Ipv4Header.MIN_LENGTH + LEAST_HEADER) {
      return false;
    }
    long start = Memory.getLongBe(address, 0);
    if ((start & IPV4_MASK) == IPV4_PLAIN) {
      return ipv4(address, length, start, at, out);
    }
    return start >>> 60 == FlowKey.IPV6
        && length >= Ipv6Header.LENGTH + LEAST_HEADER
        && ipv6(address, length, start, at, out);
  }

  private static boolean ipv4(long address, int length, long start, int at, FlowBurst out) {
    int end = Math.min((int) (start >>> 32) & 0xffff, length);
    long middle = Memory.getLongBe(address, 8); // TTL, protocol, checksum, source
    int protocol = (int) (middle >>> 48) & 0xff;
    out.family[at] = FlowKey.IPV4;
    out.sourceLow[at] = middle & 0xffff_ffffL;
    out.destinationLow[at] =
        Memory.getIntBe(address, Ipv4Header.DESTINATION_FIELD_OFFSET) & 0xffff_ffffL;
    return transport(
        address, Ipv4Header.MIN_LENGTH, end - Ipv4Header.MIN_LENGTH, protocol, at, out);
  }

  private static boolean ipv6(long address, int length, long start, int at, FlowBurst out) {
    int payload = (int) (start >>> 16) & 0xffff;
    int protocol = (int) (start >>> 8) & 0xff;
    out.family[at] = FlowKey.IPV6;
    out.sourceHigh[at] = Memory.getLongBe(address, Ipv6Header.SOURCE_FIELD_OFFSET);
    out.sourceLow[at] = Memory.getLongBe(address, Ipv6Header.SOURCE_FIELD_OFFSET + 8);
    out.destinationHigh[at] = Memory.getLongBe(address, Ipv6Header.DESTINATION_FIELD_OFFSET);
    out.destinationLow[at] = Memory.getLongBe(address, Ipv6Header.DESTINATION_FIELD_OFFSET + 8);
    int size = Math.min(payload, length - Ipv6Header.LENGTH);
    return transport(address, Ipv6Header.LENGTH, size, protocol, at, out);
  }

  /** Reads the transport header; false if it is not plain. */
  private static boolean transport(
      long address, int offset, int size, int protocol, int at, FlowBurst out) {
    if (size < LEAST_HEADER) {
      return false;
    }
    long start = Memory.getLongBe(address, offset);
    out.ports[at] = (int) (start >>> 32);
    out.protocol[at] = protocol;
    if (protocol == IpProtocol.UDP) {
      out.tcpFlags[at] = 0;
      int length = (int) (start >>> 16) & 0xffff;
      return length == 0 || length >= TransportHeader.UDP_MIN_LENGTH;
    }
    if (protocol == IpProtocol.TCP) {
      return tcp(address, offset, size, at, out);
    }
    out.tcpFlags[at] = 0;
    return protocol == IpProtocol.SCTP;
  }

  private static boolean tcp(long address, int offset, int size, int at, FlowBurst out) {
    if (size < TCP_LOOKED_AT) {
      return false;
    }
    int offsetAndFlags =
        Memory.getUnsignedShortBe(address, offset + TransportHeader.TCP_DATA_OFFSET_FIELD_OFFSET);
    out.tcpFlags[at] = offsetAndFlags & 0xff;
    return (offsetAndFlags >>> 10 & 0x3c) >= TransportHeader.TCP_MIN_LENGTH;
  }
}

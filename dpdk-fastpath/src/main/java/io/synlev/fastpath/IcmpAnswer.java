package io.synlev.fastpath;

import io.synlev.dpdk.Mbuf;
import io.synlev.memory.Memory;
import java.net.InetAddress;

/**
 * Turns a packet that cannot be forwarded into the ICMP error about it, in its own buffer: RFC 792,
 * RFC 1191, RFC 4443, and when none may be sent, RFC 1122 (3.2.2) and RFC 4443 (2.4 e).
 *
 * <p>Belongs to one worker; neither allocates nor throws. Rare, so it is written for clarity.
 */
final class IcmpAnswer {

  private static final int ICMP_HEADER = 8;
  private static final int LIFE = 64;

  /** RFC 1812, 4.3.2.3: as much of the packet as fits into 576 bytes. RFC 4443: the least MTU. */
  private static final int MOST_IPV4 = 576;

  private static final int MOST_IPV6 = 1280;

  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private final byte[] ownIpv4;
  private final byte[] ownIpv6;
  private final int perSecond;
  private long secondBegan;
  private int thisSecond;

  IcmpAnswer(ForwardingOptions options) {
    ownIpv4 = options.ownIpv4() == null ? null : options.ownIpv4().getAddress();
    ownIpv6 = bytes(options.ownIpv6());
    perSecond = options.answersPerSecond();
    secondBegan = Long.MIN_VALUE;
  }

  private static byte[] bytes(InetAddress address) {
    return address == null ? null : address.getAddress();
  }

  /**
   * Makes a packet the answer that it is too big.
   *
   * @param l2 bytes before the IP packet
   * @param mtu what would have fitted
   * @return whether the mbuf is an answer now; otherwise it is as it was
   */
  boolean tooBig(long mbuf, int l2, int mtu, long nowNanos) {
    return Ip.startsIpv4(Ip.start(Mbuf.data(mbuf) + l2))
        ? answerIpv4(mbuf, l2, 3 << 8 | 4, mtu, nowNanos)
        : answerIpv6(mbuf, l2, 2 << 8, mtu, nowNanos);
  }

  /** Makes a packet the answer that its life was over; otherwise as {@link #tooBig}. */
  boolean lifeOver(long mbuf, int l2, long nowNanos) {
    return Ip.startsIpv4(Ip.start(Mbuf.data(mbuf) + l2))
        ? answerIpv4(mbuf, l2, 11 << 8, 0, nowNanos)
        : answerIpv6(mbuf, l2, 3 << 8, 0, nowNanos);
  }

  private boolean answerIpv4(long mbuf, int l2, int typeAndCode, int parameter, long nowNanos) {
    long packet = Mbuf.data(mbuf) + l2;
    int header = Ip.IPV4_HEADER + ICMP_HEADER;
    if (ownIpv4 == null || !deservesIpv4(packet) || !fits(mbuf, l2, header, nowNanos)) {
      return false;
    }
    int quoted =
        Math.min(
            Math.min(Mbuf.dataLength(mbuf) - l2, Ip.totalLength(Ip.start(packet), true)),
            MOST_IPV4 - header);
    long at = prepend(mbuf, l2, header, quoted);
    Memory.putIntBe(at, 0x4500 << 16 | header + quoted);
    Memory.putIntBe(at + 4, 0);
    Memory.putIntBe(at + 8, LIFE << 24 | Ip.ICMP << 16);
    put(at + 12, ownIpv4);
    Memory.putInt(at + 16, Memory.getInt(packet + 12));
    Memory.putShortBe(at + 10, Checksum.finish(Checksum.add(0, at, Ip.IPV4_HEADER)));
    putIcmp(at + Ip.IPV4_HEADER, typeAndCode, parameter, quoted, 0);
    return true;
  }

  private boolean answerIpv6(long mbuf, int l2, int typeAndCode, int parameter, long nowNanos) {
    long packet = Mbuf.data(mbuf) + l2;
    int header = Ip.IPV6_HEADER + ICMP_HEADER;
    if (ownIpv6 == null || !deservesIpv6(packet) || !fits(mbuf, l2, header, nowNanos)) {
      return false;
    }
    int quoted =
        Math.min(
            Math.min(Mbuf.dataLength(mbuf) - l2, Ip.totalLength(Ip.start(packet), false)),
            MOST_IPV6 - header);
    long at = prepend(mbuf, l2, header, quoted);
    Memory.putIntBe(at, 6 << 28);
    Memory.putIntBe(at + 4, ICMP_HEADER + quoted << 16 | Ip.ICMPV6 << 8 | LIFE);
    put(at + 8, ownIpv6);
    Memory.putLong(at + 24, Memory.getLong(packet + 8));
    Memory.putLong(at + 32, Memory.getLong(packet + 16));
    long pseudoHeader = Checksum.add(ICMP_HEADER + quoted + Ip.ICMPV6, at + 8, 32);
    putIcmp(at + Ip.IPV6_HEADER, typeAndCode, parameter, quoted, pseudoHeader);
    return true;
  }

  /**
   * Moves the frame's beginning, swaps its stations, sets its length; where the new header goes.
   */
  private static long prepend(long mbuf, int l2, int header, int quoted) {
    long oldFrame = Mbuf.data(mbuf);
    long frame = oldFrame - header;
    long to = Ethernet.from(oldFrame);
    long from = Ethernet.to(oldFrame);
    for (int at = Ethernet.ADDRESSES; at < l2; at += 2) {
      Memory.putShort(frame + at, Memory.getShort(oldFrame + at));
    }
    Ethernet.putAddresses(frame, to, from);
    Mbuf.setHeadroom(mbuf, Mbuf.headroom(mbuf) - header);
    Mbuf.setLength(mbuf, l2 + header + quoted);
    return frame + l2;
  }

  private static void putIcmp(long at, int typeAndCode, int parameter, int quoted, long sum) {
    Memory.putIntBe(at, typeAndCode << 16);
    Memory.putIntBe(at + 4, parameter);
    Memory.putShortBe(at + 2, Checksum.finish(Checksum.add(sum, at, ICMP_HEADER + quoted)));
  }

  private static void put(long at, byte[] bytes) {
    for (int i = 0; i < bytes.length; i++) {
      Memory.putByte(at + i, bytes[i]);
    }
  }

  /** Not about errors, later fragments, and packets that came from no single station. */
  private static boolean deservesIpv4(long packet) {
    boolean isLater = (Memory.getShortBe(packet + 6) & 0x1fff) != 0;
    int source = Memory.getIntBe(packet + 12);
    int first = source >>> 24;
    boolean isNobody = first == 0 || first == 127 || first >= 224;
    boolean isIcmp = (Memory.getByte(packet + 9) & 0xff) == Ip.ICMP;
    int header = (Memory.getByte(packet) & 0xf) * 4;
    return !isLater && !isNobody && !(isIcmp && isError(Memory.getByte(packet + header) & 0xff));
  }

  private static boolean isError(int icmpType) {
    return icmpType >= 3 && icmpType <= 5 || icmpType == 11 || icmpType == 12;
  }

  private static boolean deservesIpv6(long packet) {
    boolean isMulticast = (Memory.getByte(packet + 8) & 0xff) == 0xff;
    boolean isNobody = Memory.getLong(packet + 8) == 0 && Memory.getLongBe(packet + 16) >>> 1 == 0;
    boolean isError =
        (Memory.getByte(packet + 6) & 0xff) == Ip.ICMPV6
            && (Memory.getByte(packet + Ip.IPV6_HEADER) & 0x80) == 0;
    return !isMulticast && !isNobody && !isError;
  }

  /** One segment, room for the headers, sent to one station, and not too many this second. */
  private boolean fits(long mbuf, int l2, int header, long nowNanos) {
    long frame = Mbuf.data(mbuf);
    if (Mbuf.segments(mbuf) != 1
        || Mbuf.headroom(mbuf) < header
        || Ethernet.isMulticast(Ethernet.to(frame))
        || Ethernet.isMulticast(Ethernet.from(frame))) {
      return false;
    }
    if (secondBegan == Long.MIN_VALUE || nowNanos - secondBegan >= NANOS_PER_SECOND) {
      secondBegan = nowNanos;
      thisSecond = 0;
    }
    if (thisSecond >= perSecond) {
      return false;
    }
    thisSecond++;
    return true;
  }
}

package io.synlev.fastpath;

import io.synlev.dpdk.Mbuf;
import io.synlev.memory.Memory;

/**
 * Answers echo requests to our addresses: RFC 792, RFC 1122 (3.2.2.6), RFC 4443 (4.1, 4.2). Belongs
 * to one worker; neither allocates nor throws.
 */
final class Echo {

  private static final int ICMP_HEADER = 8;
  private static final int LIFE = 64;
  private static final int REQUEST_IPV4 = 8;
  private static final int REQUEST_IPV6 = 128;
  private static final int REPLY_IPV6 = 129;

  private final LocalAddresses local;
  private final Counters counters;

  Echo(LocalAddresses local, Counters counters) {
    this.local = local;
    this.counters = counters;
  }

  /** Whether a packet is an echo request to us, whole and without options. */
  boolean isForUs(long ip, int there) {
    return isRequest(ip, there)
        && (Ip.startsIpv4(Ip.start(ip))
            ? local.contains(Memory.getIntBe(ip + 16))
            : local.contains(Memory.getLongBe(ip + 24), Memory.getLongBe(ip + 32)));
  }

  /** Whether a packet is an echo request, whole and without options. */
  static boolean isRequest(long ip, int there) {
    if (there < Ip.IPV4_HEADER + ICMP_HEADER) {
      return false;
    }
    int version = Memory.getByte(ip) >> 4 & 0xf;
    if (version == 4) {
      boolean isWhole = (Memory.getShortBe(ip + 6) & 0x3fff) == 0;
      return Memory.getByte(ip) == 0x45
          && isWhole
          && (Memory.getByte(ip + 9) & 0xff) == Ip.ICMP
          && Memory.getByte(ip + Ip.IPV4_HEADER) == REQUEST_IPV4;
    }
    return version == 6
        && there >= Ip.IPV6_HEADER + ICMP_HEADER
        && (Memory.getByte(ip + 6) & 0xff) == Ip.ICMPV6
        && (Memory.getByte(ip + Ip.IPV6_HEADER) & 0xff) == REQUEST_IPV6;
  }

  /**
   * Makes it the reply.
   *
   * @param l2 bytes before the IP header
   * @param mac the port's address
   */
  Fate answer(long mbuf, int l2, long mac) {
    long frame = Mbuf.data(mbuf);
    long ip = frame + l2;
    boolean isIpv4 = Ip.startsIpv4(Ip.start(ip));
    int header = isIpv4 ? Ip.IPV4_HEADER : Ip.IPV6_HEADER;
    int length = Ip.totalLength(Ip.start(ip), isIpv4);
    boolean isSound =
        length >= header + ICMP_HEADER
            && length <= Mbuf.dataLength(mbuf) - l2
            && Memory.getByte(ip + header + 1) == 0
            && isFromOne(ip, isIpv4)
            && !Ethernet.isMulticast(Ethernet.from(frame))
            && (!isIpv4 || Checksum.finish(Checksum.add(0, ip, Ip.IPV4_HEADER)) == 0)
            && Checksum.finish(sum(ip, isIpv4, header, length - header)) == 0;
    if (!isSound) {
      counters.add(FastPathCounter.ECHO_MALFORMED, 1);
      return Fate.FREE;
    }
    if (isIpv4) {
      swapIpv4(ip);
    } else {
      swapIpv6(ip);
    }
    Memory.putShortBe(ip + header, (short) (isIpv4 ? 0 : REPLY_IPV6 << 8));
    Memory.putShortBe(ip + header + 2, (short) 0);
    Memory.putShortBe(ip + header + 2, Checksum.finish(sum(ip, isIpv4, header, length - header)));
    Ethernet.putAddresses(frame, Ethernet.from(frame), mac);
    Mbuf.setLength(mbuf, l2 + length);
    counters.add(FastPathCounter.ECHO_ANSWERED, 1);
    return Fate.ANSWER;
  }

  private static boolean isFromOne(long ip, boolean isIpv4) {
    if (isIpv4) {
      int first = Memory.getByte(ip + 12) & 0xff;
      return first != 0 && first != 127 && first < 224;
    }
    boolean isNobody = (Memory.getLong(ip + 8) | Memory.getLong(ip + 16)) == 0;
    return !isNobody && (Memory.getByte(ip + 8) & 0xff) != 0xff;
  }

  private static long sum(long ip, boolean isIpv4, int header, int bytes) {
    long pseudoHeader = isIpv4 ? 0 : Checksum.add(bytes + Ip.ICMPV6, ip + 8, 32);
    return Checksum.add(pseudoHeader, ip + header, bytes);
  }

  private static void swapIpv4(long ip) {
    int from = Memory.getInt(ip + 12);
    Memory.putInt(ip + 12, Memory.getInt(ip + 16));
    Memory.putInt(ip + 16, from);
    Memory.putByte(ip + 8, (byte) LIFE);
    Memory.putShortBe(ip + 10, (short) 0);
    Memory.putShortBe(ip + 10, Checksum.finish(Checksum.add(0, ip, Ip.IPV4_HEADER)));
  }

  private static void swapIpv6(long ip) {
    for (int at = 8; at < 24; at += 8) {
      long from = Memory.getLong(ip + at);
      Memory.putLong(ip + at, Memory.getLong(ip + at + 16));
      Memory.putLong(ip + at + 16, from);
    }
    Memory.putByte(ip + 7, (byte) LIFE);
  }
}

package io.synlev.fastpath;

import io.synlev.dpdk.Mbuf;
import io.synlev.memory.Memory;

/**
 * Neighbour solicitations and advertisements: RFC 4861. Belongs to one worker; neither allocates
 * nor throws.
 *
 * <pre>
 *   IPv6 header, hop limit 255
 *   0      1      2          4                       8                24
 *   | type | code | checksum | R S O, the rest 0     | target address | options: type, length / 8, ...
 * </pre>
 */
final class Discovery {

  static final int SOLICITATION = 135;
  static final int ADVERTISEMENT = 136;

  /** No router has passed it on: RFC 4861, 3.1. */
  static final int HOP_LIMIT = 255;

  static final int SOURCE_LINK_LAYER_ADDRESS = 1;
  static final int TARGET_LINK_LAYER_ADDRESS = 2;

  private static final int BYTES = 24;
  private static final int WITH_OPTION = BYTES + 8;
  private static final int SOLICITED = 1 << 30;
  private static final int OVERRIDE = 1 << 29;

  /** ff02::1, all nodes, and its Ethernet address. */
  private static final long LINK_LOCAL_MULTICAST = 0xff02_0000_0000_0000L;

  private static final long ALL_NODES_MAC = 0x3333_0000_0001L;

  private final LocalAddresses local;
  private final Resolver resolver;
  private final Counters counters;

  /** The link-layer address option that was found last, or 0. */
  private long option;

  Discovery(LocalAddresses local, Resolver resolver, Counters counters) {
    this.local = local;
    this.resolver = resolver;
    this.counters = counters;
  }

  /** Whether a packet of a length is a solicitation or an advertisement. */
  static boolean isOne(long ip, int there) {
    if (there <= Ip.IPV6_HEADER
        || (Memory.getByte(ip) & 0xf0) != 0x60
        || (Memory.getByte(ip + 6) & 0xff) != Ip.ICMPV6) {
      return false;
    }
    int type = Memory.getByte(ip + Ip.IPV6_HEADER) & 0xff;
    return type == SOLICITATION || type == ADVERTISEMENT;
  }

  /**
   * Deals with one; a solicitation for one of our addresses becomes the advertisement.
   *
   * @param l2 bytes before the IP header
   * @param mac the port's address
   */
  Fate take(long mbuf, int l2, long mac, long nowNanos) {
    long ip = Mbuf.data(mbuf) + l2;
    long message = ip + Ip.IPV6_HEADER;
    boolean isSolicitation = (Memory.getByte(message) & 0xff) == SOLICITATION;
    int wanted = isSolicitation ? SOURCE_LINK_LAYER_ADDRESS : TARGET_LINK_LAYER_ADDRESS;
    if (!isSound(ip, Mbuf.dataLength(mbuf) - l2)
        || !hasSoundOptions(message, length(ip), wanted)
        || !(isSolicitation ? isSoundSolicitation(ip) : isSoundAdvertisement(ip))) {
      counters.add(FastPathCounter.ND_MALFORMED, 1);
      return Fate.FREE;
    }
    if (Ethernet.from(Mbuf.data(mbuf)) == mac) {
      return Fate.FREE; // some virtual devices give us what we sent
    }
    return isSolicitation
        ? solicited(mbuf, l2, mac, nowNanos)
        : advertised(mbuf, ip, mac, nowNanos);
  }

  private static int length(long ip) {
    return Memory.getShortBe(ip + 4) & 0xffff;
  }

  /** What 7.1.1 and 7.1.2 ask of both. */
  private static boolean isSound(long ip, int there) {
    int length = length(ip);
    long message = ip + Ip.IPV6_HEADER;
    return Ip.life(ip, Ip.start(ip), false) == HOP_LIMIT
        && length >= BYTES
        && length <= there - Ip.IPV6_HEADER
        && Memory.getByte(message + 1) == 0
        && (Memory.getByte(message + 8) & 0xff) != 0xff
        && !isUnspecified(message + 8)
        && Checksum.finish(checksum(ip, length)) == 0;
  }

  private static long checksum(long ip, int length) {
    return Checksum.add(Checksum.add(length + Ip.ICMPV6, ip + 8, 32), ip + Ip.IPV6_HEADER, length);
  }

  private static boolean isUnspecified(long address) {
    return (Memory.getLong(address) | Memory.getLong(address + 8)) == 0;
  }

  /** Every option has a length, and all end where the message does; remembers the wanted one. */
  private boolean hasSoundOptions(long message, int length, int wanted) {
    option = 0;
    int at = BYTES;
    while (at < length) {
      int bytes = at + 1 < length ? (Memory.getByte(message + at + 1) & 0xff) * 8 : 0;
      if (bytes == 0 || at + bytes > length) {
        return false;
      }
      if ((Memory.getByte(message + at) & 0xff) == wanted) {
        option = Ethernet.address(message + at + 2);
      }
      at += bytes;
    }
    return option == 0 || !Ethernet.isMulticast(option);
  }

  /** 7.1.1: who has no address yet asks the solicited-node group, and names no address. */
  private boolean isSoundSolicitation(long ip) {
    if (!isUnspecified(ip + 8)) {
      return (Memory.getByte(ip + 8) & 0xff) != 0xff;
    }
    boolean isToGroup =
        Memory.getLongBe(ip + 24) == LINK_LOCAL_MULTICAST
            && Memory.getLongBe(ip + 32) >>> 24 == 0x1ffL;
    return isToGroup && option == 0;
  }

  /** 7.1.2: what is said to all was not asked for. */
  private static boolean isSoundAdvertisement(long ip) {
    boolean isToMany = (Memory.getByte(ip + 24) & 0xff) == 0xff;
    boolean isSolicited = (Memory.getIntBe(ip + Ip.IPV6_HEADER + 4) & SOLICITED) != 0;
    return !(isToMany && isSolicited);
  }

  private Fate solicited(long mbuf, int l2, long mac, long nowNanos) {
    long frame = Mbuf.data(mbuf);
    long ip = frame + l2;
    long fromHigh = Memory.getLongBe(ip + 8);
    long fromLow = Memory.getLongBe(ip + 16);
    if (local.contains(fromHigh, fromLow)) {
      counters.add(FastPathCounter.ADDRESS_CONFLICT, 1);
      return Fate.PASS;
    }
    if (option != 0) { // 7.2.3, whomever it asks for
      resolver.heard(fromHigh, fromLow, option, false, false, nowNanos);
    }
    long high = Memory.getLongBe(ip + Ip.IPV6_HEADER + 8);
    long low = Memory.getLongBe(ip + Ip.IPV6_HEADER + 16);
    if (!local.contains(high, low)) {
      return Fate.PASS;
    }
    if (Mbuf.bufferLength(mbuf) - Mbuf.headroom(mbuf) < l2 + Ip.IPV6_HEADER + WITH_OPTION) {
      return Fate.FREE;
    }
    // 7.2.4: to who asks, or to all if that one has no address.
    if ((fromHigh | fromLow) == 0) {
      Ethernet.putAddresses(frame, ALL_NODES_MAC, mac);
      putAdvertisement(ip, LINK_LOCAL_MULTICAST, 1, OVERRIDE, high, low, mac);
    } else {
      Ethernet.putAddresses(frame, option != 0 ? option : Ethernet.from(frame), mac);
      putAdvertisement(ip, fromHigh, fromLow, SOLICITED | OVERRIDE, high, low, mac);
    }
    Mbuf.setLength(mbuf, l2 + Ip.IPV6_HEADER + WITH_OPTION);
    counters.add(FastPathCounter.ND_ANSWERED, 1);
    return Fate.ANSWER;
  }

  private static void putAdvertisement(
      long ip, long toHigh, long toLow, int flags, long high, long low, long mac) {
    Memory.putIntBe(ip, 6 << 28);
    Memory.putIntBe(ip + 4, WITH_OPTION << 16 | Ip.ICMPV6 << 8 | HOP_LIMIT);
    Memory.putLongBe(ip + 8, high);
    Memory.putLongBe(ip + 16, low);
    Memory.putLongBe(ip + 24, toHigh);
    Memory.putLongBe(ip + 32, toLow);
    put(ip, ADVERTISEMENT, flags, high, low, TARGET_LINK_LAYER_ADDRESS, mac);
  }

  /** Makes an empty packet the advertisement to all nodes that nobody asked for. */
  static void putUnsolicited(long mbuf, long high, long low, long mac) {
    long frame = Mbuf.data(mbuf);
    Mbuf.setLength(mbuf, Ethernet.HEADER + Ip.IPV6_HEADER + WITH_OPTION);
    Ethernet.putAddresses(frame, ALL_NODES_MAC, mac);
    Memory.putShortBe(frame + Ethernet.ADDRESSES, (short) Ethernet.IPV6);
    long ip = frame + Ethernet.HEADER;
    putAdvertisement(ip, LINK_LOCAL_MULTICAST, 1, OVERRIDE, high, low, mac);
  }

  private Fate advertised(long mbuf, long ip, long mac, long nowNanos) {
    long message = ip + Ip.IPV6_HEADER;
    long high = Memory.getLongBe(message + 8);
    long low = Memory.getLongBe(message + 16);
    if (local.contains(high, low)) {
      counters.add(FastPathCounter.ADDRESS_CONFLICT, 1);
      return Fate.PASS;
    }
    int flags = Memory.getIntBe(message + 4);
    boolean isToUs =
        (flags & SOLICITED) != 0
            && Ethernet.to(Mbuf.data(mbuf)) == mac
            && local.contains(Memory.getLongBe(ip + 24), Memory.getLongBe(ip + 32));
    resolver.advertised(high, low, option, isToUs, (flags & OVERRIDE) != 0, nowNanos);
    return Fate.PASS;
  }

  /** Writes a message with one option behind an IPv6 header that is there, and its checksum. */
  static void put(
      long ip, int type, int flags, long high, long low, int optionType, long optionMac) {
    long message = ip + Ip.IPV6_HEADER;
    Memory.putIntBe(message, type << 24);
    Memory.putIntBe(message + 4, flags);
    Memory.putLongBe(message + 8, high);
    Memory.putLongBe(message + 16, low);
    Memory.putShortBe(message + BYTES, (short) (optionType << 8 | 1));
    Ethernet.putAddress(message + BYTES + 2, optionMac);
    Memory.putShortBe(message + 2, Checksum.finish(checksum(ip, WITH_OPTION)));
  }
}

package io.synlev.fastpath;

import io.synlev.memory.Memory;

/**
 * Brings the fragments of a datagram to one worker, whatever queue the NIC put each into: the one
 * that their addresses name. Only the first has ports, so what a NIC makes of ports may part them.
 * Replies to translated packets are brought to the worker that has their session.
 *
 * <p>Belongs to one worker. Hot: no allocation.
 */
final class Handover {

  private static final int IPV4_FRAGMENT = 6;

  /** More fragments, or an offset (RFC 791). */
  private static final int IPV4_FRAGMENT_BITS = 0x3fff;

  private static final int IPV4_OFFSET_BITS = 0x1fff;

  private static final int IPV4_ADDRESSES = 12;
  private static final int IPV4_LEAST = 20;

  private static final int IPV6_NEXT_HEADER = 6;
  private static final int IPV6_FRAGMENT = 44;
  private static final int IPV6_ADDRESSES = 8;
  private static final int IPV6_OFFSET = 42;

  private static final int IPV6_OFFSET_BITS = 0xfff8;
  private static final int IPV6_LEAST = 48;

  /** Odd, half of its bits set: 2^64 divided by the golden ratio. */
  private static final long SPREAD = 0x9e37_79b9_7f4a_7c15L;

  private final int worker;
  private final long key;
  private final HandoverRing[] from;
  private final HandoverRing[] to;
  private final Counters counters;
  private int next;

  /**
   * Makes one.
   *
   * @param key secret, the same for all workers
   * @param from the rings to this worker, null at its own place
   * @param to the rings from this worker, null at its own place
   */
  Handover(int worker, long key, HandoverRing[] from, HandoverRing[] to, Counters counters) {
    this.worker = worker;
    this.key = key;
    this.from = from;
    this.to = to;
    this.counters = counters;
  }

  /**
   * Hands a packet over.
   *
   * @return false if there was no room: it is still the caller's
   */
  boolean give(long mbuf, int owner) {
    boolean isTaken = to[owner].put(mbuf);
    counters.add(isTaken ? FastPathCounter.HANDED_OVER : FastPathCounter.HANDOVER_FULL, 1);
    return isTaken;
  }

  /** Takes what others have handed over, at most so many; every ring gets its turn first. */
  int take(long table, int most) {
    int taken = 0;
    for (int i = 0; i < from.length && taken < most; i++) {
      HandoverRing ring = from[(next + i) % from.length];
      if (ring != null) {
        taken += ring.take(table + 8L * taken, most - taken);
      }
    }
    next = (next + 1) % from.length;
    return taken;
  }

  /**
   * Hands others' fragments over and takes them out of the burst.
   *
   * @param lost gets those for which there was no room
   */
  void give(Frames frames, MbufList lost) {
    int kept = frames.here;
    for (int i = frames.here; i < frames.count; i++) {
      int owner = owner(frames.addresses[i], frames.lengths[i]);
      if (owner == worker) {
        frames.move(i, kept++);
      } else if (!give(frames.mbufs[i], owner)) {
        lost.add(frames.mbufs[i]);
      }
    }
    frames.count = kept;
  }

  /** Whose a packet is: this worker's if it is no fragment. */
  int owner(long packet, int length) {
    if (!isFragment(packet, length)) {
      return worker;
    }
    return Ip.startsIpv4(Ip.start(packet))
        ? pick(Memory.getLong(packet + IPV4_ADDRESSES))
        : pickIpv6(packet + IPV6_ADDRESSES);
  }

  /** Whether it is a fragment; IPv6 ones behind other extension headers are none here. */
  static boolean isFragment(long packet, int length) {
    if (length < IPV4_LEAST) {
      return false;
    }
    return Ip.startsIpv4(Ip.start(packet))
        ? (Memory.getShortBe(packet + IPV4_FRAGMENT) & IPV4_FRAGMENT_BITS) != 0
        : length >= IPV6_LEAST && Memory.getByte(packet + IPV6_NEXT_HEADER) == IPV6_FRAGMENT;
  }

  /** Whether a fragment is not its datagram's first one. */
  static boolean isLater(long packet, int length) {
    return isFragment(packet, length)
        && (Ip.startsIpv4(Ip.start(packet))
            ? (Memory.getShortBe(packet + IPV4_FRAGMENT) & IPV4_OFFSET_BITS) != 0
            : (Memory.getShortBe(packet + IPV6_OFFSET) & IPV6_OFFSET_BITS) != 0);
  }

  private int pickIpv6(long addresses) {
    long mixed = Memory.getLong(addresses);
    for (int at = 8; at < 32; at += 8) {
      mixed = (mixed ^ key) * SPREAD ^ Memory.getLong(addresses + at);
    }
    return pick(mixed);
  }

  private int pick(long addresses) {
    long mixed = (addresses ^ key) * SPREAD;
    mixed = (mixed ^ mixed >>> 32) * SPREAD;
    return (int) ((mixed >>> 32) * to.length >>> 32);
  }
}

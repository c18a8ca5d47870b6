package io.synlev.nat;

import io.synlev.packet.Ipv4Header;

/**
 * New identifications for IPv4 datagrams that are in fragments or may be: many clients' have one *
 * source now, so two of them could have the same, and a receiver would mix them up (RFC 6864). Each
 * worker has a part of them, which it takes in turn. Belongs to one worker.
 */
final class Identifications {

  private static final int ALL = 1 << 16;
  private static final int DONT_FRAGMENT = 0x4000;

  private final int first;
  private final int count;
  private int next;

  Identifications(int worker, int workers) {
    count = ALL / workers;
    first = worker * count;
  }

  /** The one that was used longest ago. */
  int next() {
    int identification = first + next;
    next = next + 1 == count ? 0 : next + 1;
    return identification;
  }

  /** Whether an IPv4 packet in one piece may become fragments, and so needs one. */
  static boolean isNeeded(long packet) {
    return (Ipv4Header.flagsAndFragmentOffset(packet) & DONT_FRAGMENT) == 0;
  }
}

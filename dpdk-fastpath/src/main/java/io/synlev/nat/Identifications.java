package io.synlev.nat;

import io.synlev.hash.Seed;
import io.synlev.packet.Ipv4Header;
import java.util.SplittableRandom;

/**
 * New identifications for IPv4 datagrams that are in fragments or may be: many clients' have one
 * source now, so two of them could have the same, and a receiver would mix them up (RFC 6864). Each
 * worker has a part of them, which it takes in turn for each receiver, or few of them; so they come
 * again as late as can be. Belongs to one worker. Hot.
 */
final class Identifications {

  private static final int ALL = 1 << 16;
  private static final int DONT_FRAGMENT = 0x4000;

  private static final int TURNS = 1 << 10;
  private static final int TURN_SHIFT = Long.SIZE - 10;

  /** Odd, half of its bits set: 2^64 divided by the golden ratio. */
  private static final long SPREAD = 0x9e37_79b9_7f4a_7c15L;

  private final int first;
  private final int count;
  private final int[] next = new int[TURNS];

  /**
   * Of one worker.
   *
   * @param seed secret: nobody is to tell where the turns begin
   */
  Identifications(int worker, int workers, Seed seed) {
    count = ALL / workers;
    first = worker * count;
    SplittableRandom random = new SplittableRandom(seed.k1() + worker);
    for (int i = 0; i < TURNS; i++) {
      next[i] = random.nextInt(count);
    }
  }

  /** The one that was used longest ago between two addresses. */
  int next(long from, long to) {
    int turn = (int) ((from * SPREAD ^ to) * SPREAD >>> TURN_SHIFT);
    int identification = first + next[turn];
    next[turn] = next[turn] + 1 == count ? 0 : next[turn] + 1;
    return identification;
  }

  /** Whether an IPv4 packet in one piece may become fragments, and so needs one. */
  static boolean isNeeded(long packet) {
    return (Ipv4Header.flagsAndFragmentOffset(packet) & DONT_FRAGMENT) == 0;
  }
}

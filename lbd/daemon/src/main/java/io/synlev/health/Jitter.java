package io.synlev.health;

/**
 * Spreads checks over time, so that they do not all begin at once. Nothing here must be hard to
 * guess; allocates nothing. One thread.
 */
final class Jitter {
  private int state;

  Jitter(int seed) {
    state = seed | 1;
  }

  /** Any int but 0: xorshift. */
  int next() {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state;
  }
}

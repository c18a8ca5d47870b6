package io.synlev.steering.fragment;

/**
 * How much is remembered about fragments, and how long; docs/fragments.md has the sizing rule.
 *
 * @param datagrams how many datagrams' decisions are remembered, 16 to 1048576; the oldest makes
 *     room. About 320 bytes of heap each
 * @param lifeNanos how long a decision is remembered and an early fragment held, 1 ms to 60 s (RFC
 *     8200, section 4.5, gives up reassembly after that)
 * @param heldFragments how many early fragments are held, 1 to 1048576; the oldest makes room
 * @param heldBytes how many bytes of them, 65536 to 1 GiB
 * @param tier whether a fragment is given to the balancer that owns it, where there is a pool of
 *     balancers
 */
public record FragmentOptions(
    int datagrams, long lifeNanos, int heldFragments, int heldBytes, boolean tier) {

  /** 8192 datagrams for 200 ms; 2048 early fragments in 4 MiB. */
  public static final FragmentOptions DEFAULT =
      new FragmentOptions(8192, 200_000_000, 2048, 4 << 20);

  /**
   * Checks every value.
   *
   * @throws IllegalArgumentException with the value and its range
   */
  public FragmentOptions {
    check("datagrams remembered", datagrams, 16, 1 << 20);
    check("life of a fragment's entry in nanoseconds", lifeNanos, 1_000_000, 60_000_000_000L);
    check("fragments held", heldFragments, 1, 1 << 20);
    check("bytes held", heldBytes, 1 << 16, 1 << 30);
  }

  /** Of a balancer that keeps all fragments to itself. */
  public FragmentOptions(int datagrams, long lifeNanos, int heldFragments, int heldBytes) {
    this(datagrams, lifeNanos, heldFragments, heldBytes, false);
  }

  /** The same in a tier of balancers, or alone. */
  public FragmentOptions withTier(boolean inTier) {
    return new FragmentOptions(datagrams, lifeNanos, heldFragments, heldBytes, inTier);
  }

  private static void check(String what, long value, long least, long most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          what + " " + value + " is out of range: use " + least + " to " + most);
    }
  }
}

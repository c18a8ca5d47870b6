package io.synlev.datapath;

/**
 * So many flows a second, and a tenth of that at once: what a flood of new flows may cost.
 *
 * <p>Kept as the time at which the allowance would be whole again. Belongs to one thread; neither
 * allocates nor throws.
 */
public final class InsertionLimit {

  private static final long SECOND = 1_000_000_000L;

  private final long nanosEach;
  private final long burstNanos;
  private long wholeAt;
  private boolean started;

  /**
   * A limit.
   *
   * @param perSecond 0 for none
   */
  public InsertionLimit(int perSecond) {
    nanosEach = perSecond == 0 ? 0 : Math.max(1, SECOND / perSecond);
    burstNanos = Math.max(nanosEach, SECOND / 10);
  }

  /**
   * Takes as many as allowed.
   *
   * @param wanted 0 or more
   * @param nowNanos of {@link System#nanoTime()}
   * @return 0 to {@code wanted}
   */
  public int take(int wanted, long nowNanos) {
    if (nanosEach == 0) {
      return wanted;
    }
    if (!started || wholeAt - nowNanos < 0) {
      started = true;
      wholeAt = nowNanos;
    }
    int allowed = (int) Math.min(wanted, (burstNanos - (wholeAt - nowNanos)) / nanosEach);
    if (allowed <= 0) {
      return 0;
    }
    wholeAt += allowed * nanosEach;
    return allowed;
  }
}

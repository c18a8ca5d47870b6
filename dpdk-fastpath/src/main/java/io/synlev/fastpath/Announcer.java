package io.synlev.fastpath;

/**
 * Tells a link of our addresses when the daemon starts and when VIPs have changed, twice with two
 * seconds in between: RFC 5227, 2.3 (ANNOUNCE_NUM, ANNOUNCE_INTERVAL). Neighbours that have another
 * balancer's MAC learn ours. Belongs to one worker; neither allocates nor throws.
 */
final class Announcer {

  private static final int TIMES = 2;
  private static final long INTERVAL_NANOS = 2_000_000_000L;

  /** Places that are looked at in a step: packets go on meanwhile. */
  private static final int AT_ONCE = 32;

  private final LocalAddresses local;
  private final Solicitor solicitor;
  private int seen;
  private int round = TIMES;
  private int place;
  private long due;

  /**
   * Makes one.
   *
   * @param solicitor of the link
   */
  Announcer(LocalAddresses local, Solicitor solicitor) {
    this.local = local;
    this.solicitor = solicitor;
  }

  /** Announces what is due. */
  void step(long nowNanos) {
    if (seen != local.changes) {
      seen = local.changes;
      round = 0;
      place = 0;
      due = nowNanos;
    }
    if (round < TIMES && nowNanos - due >= 0) {
      announce(nowNanos);
    }
  }

  private void announce(long nowNanos) {
    int end = Math.min(place + AT_ONCE, local.places());
    for (; place < end; place++) {
      long high = local.highAt(place);
      long low = local.lowAt(place);
      if ((high | low) != 0) {
        solicitor.announce(high, low);
      }
    }
    if (place == local.places()) {
      place = 0;
      round++;
      due = nowNanos + INTERVAL_NANOS;
    }
  }
}

package io.synlev.magctl;

import io.synlev.magctl.Stats.BackendPackets;
import java.util.HashMap;
import java.util.Map;

/** How fast counters grew between two moments, in packets a second. */
final class StatsRates {
  private static final double NANOS = 1e9;

  private final double seconds;
  private final long[] grown;
  private final Map<String, Long> formerPackets = new HashMap<>();

  StatsRates(Stats before, Stats now) {
    seconds = (now.nanos() - before.nanos()) / NANOS;
    grown = now.totals();
    long[] former = before.totals();
    for (int id = 0; id < grown.length; id++) {
      grown[id] -= former[id];
    }
    for (BackendPackets backend : before.backends()) {
      formerPackets.put(key(backend), backend.packets());
    }
  }

  private static String key(BackendPackets backend) {
    return backend.pool() + "/" + backend.name();
  }

  /** Of all packets. */
  long packets() {
    return rate(Stats.sum(grown));
  }

  /** Of the packets with a reason. */
  long ofReason(int id) {
    return rate(grown[id]);
  }

  /** Of a backend; one that is new counts from 0. */
  long of(BackendPackets backend) {
    // One that was removed and added again starts at 0: it has not lost packets.
    return rate(Math.max(0, backend.packets() - formerPackets.getOrDefault(key(backend), 0L)));
  }

  private long rate(long packets) {
    return seconds <= 0 ? 0 : Math.round(packets / seconds);
  }
}

package io.synlev.magctl;

import io.synlev.magctl.Stats.BackendPackets;
import io.synlev.magctl.Stats.Worker;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Counters as JSON. */
final class StatsJson {
  private StatsJson() {}

  static Map<String, Object> of(Stats stats) {
    List<Object> backends = new ArrayList<>();
    for (BackendPackets backend : stats.backends()) {
      backends.add(backend(backend, "packets", backend.packets()));
    }
    List<Object> workers = new ArrayList<>();
    for (Worker worker : stats.workers()) {
      workers.add(
          Json.object(
              "worker", worker.number(),
              "packets", worker.packets(),
              "reasons", byLabel(worker.counters())));
    }
    long[] totals = stats.totals();
    return Json.object(
        "instance", stats.instance(),
        "packets", Stats.sum(totals),
        "reasons", byLabel(totals),
        "backends", backends,
        "workers", workers);
  }

  /** Rates in packets a second. */
  static Map<String, Object> rates(Stats before, Stats now) {
    StatsRates rates = new StatsRates(before, now);
    long[] reasons = new long[now.totals().length];
    for (int id = 0; id < reasons.length; id++) {
      reasons[id] = rates.ofReason(id);
    }
    List<Object> backends = new ArrayList<>();
    for (BackendPackets backend : now.backends()) {
      backends.add(backend(backend, "packetsPerSecond", rates.of(backend)));
    }
    return Json.object(
        "instance", now.instance(),
        "packetsPerSecond", rates.packets(),
        "reasonsPerSecond", byLabel(reasons),
        "backends", backends);
  }

  private static Map<String, Object> backend(BackendPackets backend, String what, long value) {
    return Json.object(
        "pool",
        backend.pool(),
        "name",
        backend.name(),
        "fwmark",
        Integer.toUnsignedLong(backend.fwmark()),
        what,
        value);
  }

  private static Map<String, Object> byLabel(long[] counters) {
    Map<String, Object> reasons = new LinkedHashMap<>();
    for (int id = 0; id < counters.length; id++) {
      if (counters[id] != 0) {
        reasons.put(Stats.label(id), counters[id]);
      }
    }
    return reasons;
  }
}

package io.synlev.magctl;

import io.synlev.state.Instance;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What whoever carries flows has counted at one moment.
 *
 * @param carrier tc or dpdk
 * @param nanos when they were read, on {@link System#nanoTime}'s scale
 * @param counters by label; packets are in those that begin with {@code hit} or {@code miss-}, and
 *     in {@code bypass}
 */
record FlowCounters(String carrier, long nanos, Map<String, Long> counters) {
  private static final String MISS = "miss-";
  private static final double NANOS = 1e9;

  /** Asks the daemon. */
  static FlowCounters read(Instance instance, long nanos) {
    Map<?, ?> answer = FlowsCommand.ask(instance, "flows.counters", Map.of());
    Map<String, Long> counters = new LinkedHashMap<>();
    ((Map<?, ?>) answer.get("counters"))
        .forEach((label, value) -> counters.put((String) label, ((Number) value).longValue()));
    return new FlowCounters((String) answer.get("carrier"), nanos, counters);
  }

  /** What came since an earlier moment, in its place: rates are asked for of this. */
  FlowCounters since(FlowCounters before) {
    Map<String, Long> grown = new LinkedHashMap<>();
    counters.forEach(
        // A daemon that was started anew begins at 0.
        (label, value) -> {
          long former = before.counters.getOrDefault(label, 0L);
          grown.put(label, value >= former ? value - former : value);
        });
    return new FlowCounters(carrier, nanos - before.nanos, grown);
  }

  /** A number that came since, as so much a second. */
  long rate(long number) {
    return nanos <= 0 ? 0 : Math.round(number * NANOS / nanos);
  }

  /** Packets of flows that were known. */
  long hits() {
    return sum("hit");
  }

  /** Packets of flows that were not, by kind. */
  Map<String, Long> misses() {
    Map<String, Long> misses = new LinkedHashMap<>();
    counters.forEach(
        (label, value) -> {
          if (label.startsWith(MISS)) {
            misses.put(label.substring(MISS.length()), value);
          }
        });
    return misses;
  }

  /** Packets for which nobody looked. */
  long bypassed() {
    return counters.getOrDefault("bypass", 0L);
  }

  /** All packets to services. */
  long packets() {
    return hits() + sum(MISS) + bypassed();
  }

  private long sum(String prefix) {
    return counters.entrySet().stream()
        .filter(counter -> counter.getKey().startsWith(prefix))
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  /** What is no packet's: flows added, evicted and so on. */
  Map<String, Long> others() {
    Map<String, Long> others = new LinkedHashMap<>(counters);
    others
        .keySet()
        .removeIf(
            label -> label.startsWith("hit") || label.startsWith(MISS) || label.equals("bypass"));
    return others;
  }
}

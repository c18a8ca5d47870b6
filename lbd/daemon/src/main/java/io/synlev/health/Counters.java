package io.synlev.health;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** Counters of the two threads of health checks; any thread reads. */
final class Counters {
  private final EnumMap<Counter, AtomicLong> all = new EnumMap<>(Counter.class);

  Counters() {
    for (Counter counter : Counter.values()) {
      all.put(counter, new AtomicLong());
    }
  }

  void add(Counter counter) {
    all.get(counter).getAndIncrement();
  }

  long get(Counter counter) {
    return all.get(counter).get();
  }

  /** All by label. */
  Map<String, Long> byLabel() {
    Map<String, Long> byLabel = new LinkedHashMap<>();
    all.forEach((counter, value) -> byLabel.put(counter.label(), value.get()));
    return byLabel;
  }
}

package io.synlev.tests.support;

import java.util.HashSet;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/**
 * Which backends were active when. A change takes effect at some instant between the beginning and
 * the return of the call that made it, so during that time the generation before and the one after
 * both count as in force. Times are {@link System#nanoTime}, which is CLOCK_MONOTONIC on Linux.
 */
public final class Generations {
  private record Generation(long begin, long returned, Set<String> members) {}

  private final NavigableMap<Long, Generation> byBegin = new TreeMap<>();

  /** A change that was made; changes are added in their order. */
  public void add(long began, long returned, Set<String> members) {
    byBegin.put(began, new Generation(began, returned, members));
  }

  /** Members of any generation that may have been in force at any time from one to another. */
  public Set<String> between(long from, long to) {
    Set<String> members = new HashSet<>();
    // The last that had surely taken effect at the start, and all that began until the end.
    Map.Entry<Long, Generation> entry = byBegin.floorEntry(from);
    while (entry != null && entry.getValue().returned > from) {
      entry = byBegin.lowerEntry(entry.getKey());
    }
    long first = entry == null ? Long.MIN_VALUE : entry.getKey();
    byBegin
        .subMap(first, true, to, true)
        .values()
        .forEach(generation -> members.addAll(generation.members));
    return members;
  }
}

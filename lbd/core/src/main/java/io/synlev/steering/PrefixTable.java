package io.synlev.steering;

import io.synlev.steering.AddressTable.Entry;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Longest prefix match for one family: a hash table for each prefix length that occurs, asked from
 * the longest to the shortest. With host prefixes alone that is one probe in constant time; at most
 * it is 33 (IPv4) or 129 (IPv6).
 *
 * <p>Addresses are as in {@link io.synlev.packet.FlowKey}. Immutable; any thread may look up,
 * nothing is allocated.
 */
final class PrefixTable {

  /** What {@link #find} answers when no prefix matches. */
  static final int NONE = AddressTable.NONE;

  /** A prefix of {@code length} bits, all others 0, and its number, which is not negative. */
  record Rule(long high, long low, int length, int value) {}

  private final AddressTable[] tables;
  private final long[] highMasks;
  private final long[] lowMasks;

  /**
   * Compiles the rules; of two with the same prefix the first stays.
   *
   * @param bits the family's address length, 32 or 128
   */
  PrefixTable(int bits, List<Rule> rules) {
    Map<Integer, List<Entry>> byLength = new TreeMap<>(Comparator.reverseOrder());
    for (Rule rule : rules) {
      byLength
          .computeIfAbsent(rule.length, length -> new ArrayList<>())
          .add(new Entry(rule.high, rule.low, rule.value));
    }
    tables = new AddressTable[byLength.size()];
    highMasks = new long[byLength.size()];
    lowMasks = new long[byLength.size()];
    int i = 0;
    for (Map.Entry<Integer, List<Entry>> group : byLength.entrySet()) {
      tables[i] = new AddressTable(group.getValue());
      int zeros = bits - group.getKey();
      highMasks[i] = bits == 128 ? upper(zeros - 64) : 0;
      lowMasks[i] = upper(Math.min(zeros, 64));
      i++;
    }
  }

  /** All 64 bits but the lowest {@code zeros}; all of them when that is negative. */
  private static long upper(int zeros) {
    return zeros >= 64 ? 0 : -1L << Math.max(zeros, 0);
  }

  /** The number of the longest prefix that an address lies in, or {@link #NONE}. */
  int find(long high, long low) {
    for (int i = 0; i < tables.length; i++) {
      int value = tables[i].find(high & highMasks[i], low & lowMasks[i]);
      if (value != NONE) {
        return value;
      }
    }
    return NONE;
  }
}

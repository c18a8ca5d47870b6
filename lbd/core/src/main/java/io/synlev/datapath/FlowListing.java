package io.synlev.datapath;

import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * All flows that somebody carries, for people: to list, count and forget them.
 *
 * <p>A walk over a million flows takes some tenths of a second and holds nobody up; what changes
 * meanwhile may be seen or not. Any thread may call.
 */
public interface FlowListing extends CarriedFlows {

  /** A client that has said FIN or RST, and nothing for so long, is through. */
  long CLOSED_NANOS = 5_000_000_000L;

  /** For how many flows there is room, and of what: such as 262144 and "of each family". */
  Room room();

  /** What people are told about room. */
  record Room(long flows, String of) {}

  /**
   * Shows every flow, dead ones included whose place nothing has taken yet.
   *
   * @param visitor given the same object again and again
   */
  void forEach(Consumer<FlowRecord> visitor) throws IOException;

  /**
   * Forgets flows: the next packet of each is a new flow's.
   *
   * @param condition given the same object again and again
   * @return how many were forgotten
   */
  long flush(Predicate<FlowRecord> condition) throws IOException;

  @Override
  default long[] count(int... marks) throws IOException {
    Map<Integer, Integer> indices = new HashMap<>();
    for (int i = 0; i < marks.length; i++) {
      indices.put(marks[i], i);
    }
    long[] counts = new long[marks.length];
    forEach(
        flow -> {
          boolean isOver = flow.isClosing && flow.idleNanos > CLOSED_NANOS;
          Integer index = flow.isLive && !isOver ? indices.get(flow.mark) : null;
          if (index != null) {
            counts[index]++;
          }
        });
    return counts;
  }

  @Override
  default long end(int... marks) throws IOException {
    Set<Integer> meant = new HashSet<>();
    for (int mark : marks) {
      meant.add(mark);
    }
    return flush(flow -> meant.contains(flow.mark));
  }

  /**
   * What was counted since the start, by label. Packets to services are in one of those that begin
   * with {@code hit} or {@code miss-}, or in {@code bypass}; the others count flows, or beside.
   */
  Map<String, Long> counters() throws IOException;
}

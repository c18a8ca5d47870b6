package io.synlev.datapath;

import java.io.IOException;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * All flows that somebody carries, for people: to list, count and forget them.
 *
 * <p>A walk over a million flows takes some tenths of a second and holds nobody up; what changes
 * meanwhile may be seen or not. Any thread may call.
 */
public interface FlowListing {

  /** Who carries them, in a word: tc or dpdk. */
  String carrier();

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

  /**
   * What was counted since the start, by label. Packets to services are in one of those that begin
   * with {@code hit} or {@code miss-}, or in {@code bypass}; the others count flows, or beside.
   */
  Map<String, Long> counters() throws IOException;
}

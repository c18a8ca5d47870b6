package io.synlev.datapath;

import io.synlev.state.Prefix;
import java.util.List;

/**
 * Decides about packets; what a datapath is given for each of its workers.
 *
 * <p>One object belongs to one worker thread. It neither allocates nor throws per packet, whatever
 * the bytes are.
 */
public interface BatchDecider {

  /** The most packets that one call may carry. */
  int MAX_BATCH = 256;

  /** The bits of a packet's mark that are ours; all others are left as they are. */
  int markMask();

  /**
   * The destinations of all services in force: the same list object until they change. Any thread
   * may ask; it allocates nothing.
   */
  default List<Prefix> vips() {
    return List.of();
  }

  /**
   * Decides about packets that arrived together, and counts the decisions.
   *
   * @param addresses where each packet starts, at the first byte of its IP header
   * @param lengths how many bytes of each packet are there, 0 or more; nothing outside is read
   * @param count how many packets, 0 to {@link #MAX_BATCH}
   * @param nowNanos the time of arrival on {@link System#nanoTime()}'s scale
   * @param out the decisions, overwritten at the indices below {@code count}
   */
  void decideBatch(long[] addresses, int[] lengths, int count, long nowNanos, Decision[] out);
}

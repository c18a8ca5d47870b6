package io.synlev.lbd;

import java.util.ArrayList;
import java.util.List;

/**
 * Consecutive queues, written as iptables' {@code --queue-balance} does: {@code 2} or {@code 0:3}.
 *
 * @param first the first queue, 0 to 65535
 * @param last the last one, not below the first
 */
record QueueRange(int first, int last) {
  /** Each worker has a row of its own in the pools' packet counters, and there are so many. */
  static final int MOST = 16;

  private static final int MAX_QUEUE = 65535;

  QueueRange {
    if (first < 0 || last > MAX_QUEUE || last < first) {
      throw new IllegalArgumentException(
          "queues "
              + first
              + ":"
              + last
              + ": a range goes from a lower to a higher number, 0 to "
              + MAX_QUEUE);
    }
    if (last - first >= MOST) {
      throw new IllegalArgumentException(
          "queues "
              + first
              + ":"
              + last
              + " are "
              + (last - first + 1)
              + ": one daemon serves up to "
              + MOST);
    }
  }

  /**
   * Reads a number or a range.
   *
   * @throws IllegalArgumentException if it is neither
   */
  static QueueRange parse(String text) {
    int colon = text.indexOf(':');
    try {
      int first = Integer.parseInt(colon < 0 ? text : text.substring(0, colon));
      return new QueueRange(first, colon < 0 ? first : Integer.parseInt(text.substring(colon + 1)));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "'" + text + "' is no queue: a number such as 2, or a range such as 0:3", e);
    }
  }

  /** The numbers. */
  List<Integer> numbers() {
    List<Integer> numbers = new ArrayList<>();
    for (int queue = first; queue <= last; queue++) {
      numbers.add(queue);
    }
    return numbers;
  }

  @Override
  public String toString() {
    return first == last ? String.valueOf(first) : first + ":" + last;
  }
}

package io.synlev.state;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Ports that follow one another.
 *
 * @param first the lowest, 0 to 65535
 * @param last the highest, {@code first} to 65535
 */
public record PortRange(int first, int last) {
  /** The highest port there is. */
  public static final int MAX = 65535;

  /** Every port. */
  public static final PortRange ALL = new PortRange(0, MAX);

  public PortRange {
    if (first < 0 || last > MAX || first > last) {
      throw new StateException(
          first + "-" + last + " is no port range: two numbers from 0 to 65535, the lower first");
    }
  }

  /**
   * Reads {@code 80} or {@code 8000-8999}.
   *
   * @throws StateException if it is neither
   */
  public static PortRange parse(String text) {
    int dash = text.indexOf('-');
    int first = port(text, dash < 0 ? text : text.substring(0, dash));
    return new PortRange(first, dash < 0 ? first : port(text, text.substring(dash + 1)));
  }

  private static int port(String text, String digits) {
    boolean valid = !digits.isEmpty() && digits.length() <= 5;
    for (int i = 0; valid && i < digits.length(); i++) {
      valid = digits.charAt(i) >= '0' && digits.charAt(i) <= '9';
    }
    int port = valid ? Integer.parseInt(digits) : -1;
    if (port < 0 || port > MAX) {
      throw new StateException(
          "'" + text + "' is no port: a number from 0 to 65535, or two joined by a dash");
    }
    return port;
  }

  /**
   * The same ports in order, ranges that touch or overlap joined; empty if it is every port, which
   * is what naming none means.
   */
  public static List<PortRange> normalise(List<PortRange> ranges) {
    List<PortRange> sorted = new ArrayList<>(ranges);
    sorted.sort(Comparator.comparingInt(PortRange::first));
    List<PortRange> joined = new ArrayList<>();
    for (PortRange range : sorted) {
      if (joined.isEmpty() || joined.getLast().last + 1 < range.first) {
        joined.add(range);
      } else {
        PortRange before = joined.removeLast();
        joined.add(new PortRange(before.first, Math.max(before.last, range.last)));
      }
    }
    return joined.equals(List.of(ALL)) ? List.of() : List.copyOf(joined);
  }

  /** How many ports. */
  public int size() {
    return last - first + 1;
  }

  public boolean contains(int port) {
    return port >= first && port <= last;
  }

  @Override
  public String toString() {
    return first == last ? Integer.toString(first) : first + "-" + last;
  }
}

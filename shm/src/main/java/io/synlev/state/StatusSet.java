package io.synlev.state;

import java.util.BitSet;

/** Status codes of HTTP, as people write them: {@code 200-399} or {@code 200,204}. Immutable. */
public final class StatusSet {
  private static final int LEAST = 100;
  private static final int MOST = 599;

  private final BitSet codes = new BitSet(MOST + 1);

  private StatusSet() {}

  /**
   * Reads codes and ranges of them.
   *
   * @throws StateException if one is none
   */
  public static StatusSet parse(String text) {
    StatusSet set = new StatusSet();
    for (String part : text.split(",", -1)) {
      if (!part.matches("[0-9]{3}(-[0-9]{3})?")) {
        throw refused(text);
      }
      int first = Integer.parseInt(part.substring(0, 3));
      int last = Integer.parseInt(part.substring(part.length() - 3));
      if (first < LEAST || last > MOST || first > last) {
        throw refused(text);
      }
      set.codes.set(first, last + 1);
    }
    return set;
  }

  private static StateException refused(String text) {
    return new StateException(
        "'" + text + "' is no set of HTTP status codes: write 200, 200-399 or 200,204");
  }

  /** Whether a code is in it. */
  public boolean contains(int code) {
    return code >= 0 && codes.get(code);
  }
}

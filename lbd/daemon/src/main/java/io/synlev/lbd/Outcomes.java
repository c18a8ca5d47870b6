package io.synlev.lbd;

import io.synlev.steering.Outcome;

/** Reads and writes outcomes as the options do: {@code drop}, {@code accept}, {@code mark=N}. */
final class Outcomes {
  private static final String MARK = "mark=";
  private static final long LARGEST_MARK = 0xffff_ffffL;

  private Outcomes() {}

  /**
   * Reads an outcome.
   *
   * @throws IllegalArgumentException if it is none
   */
  static Outcome parse(String text) {
    if (text.equals("drop")) {
      return Outcome.DROP;
    }
    if (text.equals("accept")) {
      return Outcome.ACCEPT;
    }
    if (text.startsWith(MARK)) {
      try {
        long mark = Long.decode(text.substring(MARK.length()));
        if (mark > 0 && mark <= LARGEST_MARK) {
          return Outcome.mark((int) mark);
        }
      } catch (NumberFormatException notANumber) {
        // Answered below.
      }
    }
    throw new IllegalArgumentException(
        "'" + text + "' is no outcome: drop, accept, or mark=N with N above 0 such as mark=0x1f");
  }

  /** The text that {@link #parse} reads. */
  static String format(Outcome outcome) {
    return switch (outcome.action()) {
      case DROP -> "drop";
      case ACCEPT -> "accept";
      case MARK -> MARK + "0x" + Integer.toHexString(outcome.mark());
    };
  }
}

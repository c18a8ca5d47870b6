package io.synlev.steering;

import io.synlev.datapath.Action;
import io.synlev.state.NoBackend;

/**
 * What happens to packets that get no backend.
 *
 * @param action the action
 * @param mark the mark's value with {@link Action#MARK}, otherwise 0; for reject rules, so no
 *     backend should have it
 */
public record Outcome(Action action, int mark) {

  /** The packet ends. */
  public static final Outcome DROP = new Outcome(Action.DROP, 0);

  /** The packet goes on, its mark untouched. */
  public static final Outcome ACCEPT = new Outcome(Action.ACCEPT, 0);

  private static final String MARK = "mark=";
  private static final long LARGEST_MARK = 0xffff_ffffL;

  /** Checks that only {@link Action#MARK} has a mark. */
  public Outcome {
    if (mark != 0 && action != Action.MARK) {
      throw new IllegalArgumentException(
          "mark " + mark + " with action " + action + ": only MARK takes a mark");
    }
  }

  /** The packet goes on with this mark in the instance's bits. */
  public static Outcome mark(int mark) {
    return new Outcome(Action.MARK, mark);
  }

  /**
   * Reads {@code drop}, {@code accept} or {@code mark=N}.
   *
   * @throws IllegalArgumentException if it is none of them
   */
  public static Outcome parse(String text) {
    if (text.equals("drop")) {
      return DROP;
    }
    if (text.equals("accept")) {
      return ACCEPT;
    }
    if (text.startsWith(MARK)) {
      try {
        long mark = Long.decode(text.substring(MARK.length()));
        if (mark > 0 && mark <= LARGEST_MARK) {
          return mark((int) mark);
        }
      } catch (NumberFormatException notANumber) {
        // Answered below.
      }
    }
    throw new IllegalArgumentException(
        "'" + text + "' is no outcome: drop, accept, or mark=N with N above 0 such as mark=0x1f");
  }

  /** The text that {@link #parse} reads. */
  public String text() {
    return switch (action) {
      case DROP -> "drop";
      case ACCEPT -> "accept";
      case MARK -> MARK + "0x" + Integer.toHexString(mark);
    };
  }

  /** What a service asks for without a backend; null if it leaves that to the options. */
  static Outcome of(NoBackend noBackend) {
    return switch (noBackend.action()) {
      case DEFAULT -> null;
      case DROP -> DROP;
      case MARK -> mark(noBackend.mark());
    };
  }
}

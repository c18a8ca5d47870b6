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

  /** What a service asks for without a backend; null if it leaves that to the options. */
  static Outcome of(NoBackend noBackend) {
    return switch (noBackend.action()) {
      case DEFAULT -> null;
      case DROP -> DROP;
      case MARK -> mark(noBackend.mark());
    };
  }
}

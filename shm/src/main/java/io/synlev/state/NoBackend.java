package io.synlev.state;

import java.util.Locale;

/**
 * What happens to a service's packets while its pool has no active backend.
 *
 * @param action what
 * @param mark the mark's value with {@link Action#MARK}, for a reject rule; otherwise 0
 */
public record NoBackend(Action action, int mark) {
  /** As the daemon was told for all services. */
  public static final NoBackend DEFAULT = new NoBackend(Action.DEFAULT, 0);

  /** The packet ends. */
  public static final NoBackend DROP = new NoBackend(Action.DROP, 0);

  /** The choices. The constants' order is part of the layout. */
  public enum Action {
    DEFAULT,
    DROP,
    MARK
  }

  public NoBackend {
    if ((mark != 0) != (action == Action.MARK)) {
      throw new StateException(
          "'%s' with mark %d: a mark, not 0, goes with 'mark' alone"
              .formatted(action.name().toLowerCase(Locale.ROOT), mark));
    }
  }

  /** The packet goes on with this mark. */
  public static NoBackend mark(int mark) {
    return new NoBackend(Action.MARK, mark);
  }

  /**
   * Reads {@code default}, {@code drop} or {@code mark:NUMBER}, the number decimal or 0x hex.
   *
   * @throws StateException if it is none of them
   */
  public static NoBackend parse(String text) {
    if (text.equals("default")) {
      return DEFAULT;
    }
    if (text.equals("drop")) {
      return DROP;
    }
    try {
      if (text.startsWith("mark:0x")) {
        return mark(Integer.parseUnsignedInt(text.substring(7), 16));
      }
      if (text.startsWith("mark:")) {
        return mark(Integer.parseUnsignedInt(text.substring(5)));
      }
    } catch (NumberFormatException notANumber) {
      // Answered below.
    }
    throw new StateException(
        "'" + text + "' is nothing to do without a backend: choose default, drop or mark:NUMBER");
  }

  @Override
  public String toString() {
    return action == Action.MARK
        ? "mark:0x" + Integer.toHexString(mark)
        : action.name().toLowerCase(Locale.ROOT);
  }
}

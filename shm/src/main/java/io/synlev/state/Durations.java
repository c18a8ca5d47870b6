package io.synlev.state;

/** Times as people write them: a whole number and a unit, {@code 500ms}, {@code 2s}, {@code 5m}. */
public final class Durations {
  private static final int SECOND = 1_000;
  private static final int MINUTE = 60 * SECOND;
  private static final int HOUR = 60 * MINUTE;

  private Durations() {}

  /**
   * Reads a time; 0 needs no unit.
   *
   * @return milliseconds, 0 to 24 hours
   * @throws StateException if it is none
   */
  public static int parseMillis(String text) {
    int digits = 0;
    while (digits < text.length() && text.charAt(digits) >= '0' && text.charAt(digits) <= '9') {
      digits++;
    }
    int unit = unit(text.substring(digits));
    if (digits > 0 && digits <= 8) {
      long millis = Long.parseLong(text.substring(0, digits)) * unit;
      if ((unit > 0 || text.equals("0")) && millis <= 24 * HOUR) {
        return (int) millis;
      }
    }
    throw new StateException(
        "'" + text + "' is no time: a whole number and its unit are one, 500ms, 2s or 5m, to 24h");
  }

  private static int unit(String text) {
    return switch (text) {
      case "ms" -> 1;
      case "s" -> SECOND;
      case "m" -> MINUTE;
      case "h" -> HOUR;
      default -> 0;
    };
  }

  /** The shortest text that {@link #parseMillis} reads as so many milliseconds. */
  public static String format(int millis) {
    if (millis % SECOND != 0) {
      return millis + "ms";
    }
    if (millis % MINUTE != 0) {
      return millis / SECOND + "s";
    }
    if (millis == 0) {
      return "0";
    }
    return millis % HOUR != 0 ? millis / MINUTE + "m" : millis / HOUR + "h";
  }
}

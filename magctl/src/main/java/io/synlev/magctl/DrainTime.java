package io.synlev.magctl;

import java.util.concurrent.TimeUnit;

/**
 * Times as people write them: numbers with units, such as {@code 90s}, {@code 5m}, {@code 1h30m}.
 */
final class DrainTime {
  private static final String UNITS = "dhms";
  private static final long[] SECONDS = {86_400, 3_600, 60, 1};

  /** A year: longer is no time to wait for. */
  static final long MOST_SECONDS = TimeUnit.DAYS.toSeconds(365);

  private DrainTime() {}

  /**
   * Reads one.
   *
   * @return seconds, 1 to {@link #MOST_SECONDS}
   * @throws UsageException if it is none
   */
  static long seconds(String option, String text) {
    long seconds = 0;
    long number = -1;
    int lastUnit = -1;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      int unit = UNITS.indexOf(c);
      if (c >= '0' && c <= '9' && number <= MOST_SECONDS) {
        number = Math.max(number, 0) * 10 + c - '0';
      } else if (number >= 0 && unit > lastUnit) {
        seconds += number * SECONDS[unit];
        number = -1;
        lastUnit = unit;
      } else {
        throw wrong(option, text);
      }
    }
    if (number >= 0 || seconds < 1 || seconds > MOST_SECONDS) {
      throw wrong(option, text);
    }
    return seconds;
  }

  private static UsageException wrong(String option, String text) {
    return new UsageException(
        "'"
            + option
            + " "
            + text
            + "' is no time: write numbers with units, such as 90s, 5m or 1h30m, up to 365d");
  }

  /** The shortest such text for seconds, 0 or more. */
  static String text(long seconds) {
    StringBuilder text = new StringBuilder();
    long left = seconds;
    for (int unit = 0; unit < SECONDS.length; unit++) {
      if (left >= SECONDS[unit]) {
        text.append(left / SECONDS[unit]).append(UNITS.charAt(unit));
        left %= SECONDS[unit];
      }
    }
    return text.isEmpty() ? "0s" : text.toString();
  }
}

package io.synlev.magctl;

import java.util.List;

/**
 * Text in columns. {@link String#format} would cost a cold process several milliseconds for the
 * same.
 */
final class Text {
  private static final int BAR_WIDTH = 20;
  private static final String EIGHTHS = " ▏▎▍▌▋▊▉";

  private Text() {}

  /** Padded on the right to at least {@code width}. */
  static String left(String text, int width) {
    return text + " ".repeat(Math.max(0, width - visible(text)));
  }

  /** Padded on the left to at least {@code width}. */
  static String right(String text, int width) {
    return " ".repeat(Math.max(0, width - visible(text))) + text;
  }

  /** The text in a colour of ECMA-48 (SGR), such as 32 for green. */
  static String coloured(String text, int colour) {
    return "\u001b[" + colour + "m" + text + "\u001b[0m";
  }

  /** How many columns a text takes: colours take none. */
  private static int visible(String text) {
    int columns = 0;
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) == '\u001b') {
        i = text.indexOf('m', i);
      } else {
        columns++;
      }
    }
    return columns;
  }

  /** {@code part / whole} with one decimal, such as {@code 25.8 %}; 0 of 0 is {@code 0.0 %}. */
  static String percent(long part, long whole) {
    long tenths = whole == 0 ? 0 : Math.round(1000.0 * part / whole);
    return tenths / 10 + "." + tenths % 10 + " %";
  }

  /** A bar that is full at {@code full}. */
  static String bar(long value, long full, boolean unicode) {
    if (full == 0) {
      return "";
    }
    if (!unicode) {
      return "#".repeat((int) Math.round((double) BAR_WIDTH * value / full));
    }
    int eighths = (int) Math.round(8.0 * BAR_WIDTH * value / full);
    String whole = "█".repeat(eighths / 8);
    return eighths % 8 == 0 ? whole : whole + EIGHTHS.charAt(eighths % 8);
  }

  /** A number with a comma between thousands. */
  static String count(long number) {
    StringBuilder digits = new StringBuilder().append(number);
    for (int at = digits.length() - 3; at > (number < 0 ? 1 : 0); at -= 3) {
      digits.insert(at, ',');
    }
    return digits.toString();
  }

  /** {@code 1 slot}, {@code 2 slots}. */
  static String plural(long number, String noun) {
    return count(number) + " " + noun + (number == 1 ? "" : "s");
  }

  static String hex(int value) {
    return "0x" + Integer.toHexString(value);
  }

  /** Joined by {@code separator}; a dash for none. */
  static String join(String separator, List<String> parts) {
    return parts.isEmpty() ? "-" : String.join(separator, parts);
  }

  /**
   * Rows as aligned columns, two spaces apart, without trailing blanks.
   *
   * @param rows cells, all rows equally long; the first is the head
   * @param rightAligned for each column whether it holds numbers
   */
  static String table(List<String[]> rows, boolean... rightAligned) {
    int[] width = new int[rightAligned.length];
    for (String[] row : rows) {
      for (int i = 0; i < width.length; i++) {
        width[i] = Math.max(width[i], visible(row[i]));
      }
    }
    StringBuilder text = new StringBuilder();
    for (String[] row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < width.length; i++) {
        line.append("  ")
            .append(rightAligned[i] ? right(row[i], width[i]) : left(row[i], width[i]));
      }
      text.append(line.toString().stripTrailing()).append('\n');
    }
    return text.toString();
  }
}

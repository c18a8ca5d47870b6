package io.synlev.config;

/**
 * Something about a configuration file that somebody should know.
 *
 * @param line counts from 1; 0 if it is about no line
 * @param column counts from 1; 0 if it is about no column
 * @param field the path of keys, such as {@code pools.web.backends.s1.ipv4}; empty for the file
 * @param message the value, what is wrong with it, what to do
 */
public record Problem(int line, int column, String field, String message) {
  /** About a field of no file. */
  static Problem of(String field, String message) {
    return new Problem(0, 0, field, message);
  }

  /** A line for people. */
  public String in(String file) {
    StringBuilder text = new StringBuilder(file);
    if (line > 0) {
      text.append(':').append(line);
      if (column > 0) {
        text.append(':').append(column);
      }
    }
    text.append(": ");
    if (!field.isEmpty()) {
      text.append(field).append(": ");
    }
    return text.append(message).toString();
  }
}

package io.synlev.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Collects what is wrong with a file, and knows in which line each part of it stands. */
final class Problems {
  private final String file;
  private final List<Problem> found = new ArrayList<>();
  private final Map<String, Integer> lines = new HashMap<>();

  Problems(String file) {
    this.file = file;
  }

  static String path(String field, String key) {
    return field.isEmpty() ? key : field + "." + key;
  }

  /** Remembers where a field stands. */
  void place(String field, int line) {
    lines.put(field, line);
  }

  /** Whether a field stands in the file. */
  boolean has(String field) {
    return lines.containsKey(field);
  }

  /** The line of a field or of the nearest one around it; 0 if it is in no file. */
  int line(String field) {
    String around = field;
    while (true) {
      Integer line = lines.get(around);
      int dot = around.lastIndexOf('.');
      if (line != null || dot < 0) {
        return line == null ? 0 : line;
      }
      around = around.substring(0, dot);
    }
  }

  void add(int line, int column, String field, String message) {
    found.add(new Problem(line, column, field, message));
  }

  /** Adds one whose line is known by its field. */
  void add(String field, String message) {
    add(line(field), 0, field, message);
  }

  /**
   * Ends the reading if there are any.
   *
   * @throws ConfigException that tells all of them
   */
  void throwIfAny() {
    if (!found.isEmpty()) {
      throw new ConfigException(file, found);
    }
  }
}

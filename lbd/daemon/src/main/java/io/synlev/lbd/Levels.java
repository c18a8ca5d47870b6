package io.synlev.lbd;

import java.lang.System.Logger.Level;

/** Reads and writes log levels as people do. */
final class Levels {
  private Levels() {}

  /**
   * Reads a level.
   *
   * @throws IllegalArgumentException if it is none
   */
  static Level parse(String text) {
    return switch (text) {
      case "error" -> Level.ERROR;
      case "warning" -> Level.WARNING;
      case "info" -> Level.INFO;
      case "debug" -> Level.DEBUG;
      default ->
          throw new IllegalArgumentException(
              "'" + text + "' is no log level: error, warning, info or debug");
    };
  }

  /** The text that {@link #parse} reads. */
  static String format(Level level) {
    return switch (level) {
      case ERROR -> "error";
      case WARNING -> "warning";
      case INFO -> "info";
      default -> "debug";
    };
  }
}

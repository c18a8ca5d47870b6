package io.synlev.magctl;

import java.io.PrintWriter;
import java.io.StringWriter;

/** Describes what should not have happened. */
final class Defect {
  private Defect() {}

  static String describe(Throwable e) {
    StringWriter text = new StringWriter();
    e.printStackTrace(new PrintWriter(text));
    return text.toString().strip();
  }
}

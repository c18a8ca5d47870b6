package io.synlev.magctl;

import io.synlev.magctl.doctor.Finding;
import io.synlev.magctl.doctor.Severity;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Findings for people and for programs. */
final class FindingText {
  private static final String INDENT = "\n       ";

  private FindingText() {}

  static int count(List<Finding> findings, Severity severity) {
    int count = 0;
    for (Finding finding : findings) {
      count += finding.severity() == severity ? 1 : 0;
    }
    return count;
  }

  /**
   * One after the other, the worst first.
   *
   * @param all also what is fine
   */
  static String text(List<Finding> findings, boolean all, boolean colours) {
    StringBuilder text = new StringBuilder();
    for (int level = Severity.values().length - 1; level >= (all ? 0 : 1); level--) {
      Severity severity = Severity.values()[level];
      for (Finding finding : findings) {
        if (finding.severity() == severity) {
          append(text, finding, colours);
        }
      }
    }
    return text.toString();
  }

  private static void append(StringBuilder text, Finding finding, boolean colours) {
    String word = finding.severity().word();
    text.append(colours ? Text.coloured(word, colour(finding.severity())) : word)
        .append(": ")
        .append(finding.title())
        .append('\n');
    line(text, "Why", finding.why());
    line(text, "Fix", finding.fix());
    if (finding.severity() != Severity.OK) {
      line(text, "See", finding.see().path());
    }
  }

  private static void line(StringBuilder text, String name, String value) {
    if (!value.isEmpty()) {
      String lines = value.replace("\n", INDENT);
      text.append("  ").append(name).append(": ").append(lines).append('\n');
    }
  }

  private static int colour(Severity severity) {
    return switch (severity) {
      case FAILURE -> 31;
      case WARNING -> 33;
      case NOTE -> 36;
      case OK -> 32;
    };
  }

  /** The last line. */
  static String summary(String instance, List<Finding> findings) {
    return "instance "
        + instance
        + ": "
        + Text.plural(count(findings, Severity.FAILURE), "failure")
        + ", "
        + Text.plural(count(findings, Severity.WARNING), "warning")
        + ", "
        + Text.plural(count(findings, Severity.NOTE), "note")
        + "\n";
  }

  /** All of it as an object. */
  static Map<String, Object> json(String instance, List<Finding> findings, boolean all) {
    List<Object> objects = new ArrayList<>();
    for (Finding finding : findings) {
      if (all || finding.severity() != Severity.OK) {
        objects.add(object(finding));
      }
    }
    return Json.object(
        "instance", instance,
        "failures", count(findings, Severity.FAILURE),
        "warnings", count(findings, Severity.WARNING),
        "notes", count(findings, Severity.NOTE),
        "findings", objects);
  }

  static Map<String, Object> object(Finding finding) {
    return Json.object(
        "severity", finding.severity().word(),
        "check", finding.check(),
        "title", finding.title(),
        "why", finding.why(),
        "fix", finding.fix(),
        "see", finding.see().path());
  }
}

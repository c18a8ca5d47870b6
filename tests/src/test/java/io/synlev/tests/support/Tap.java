package io.synlev.tests.support;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One test of a TAP report (testanything.org, version 13), as bats prints it.
 *
 * @param detail why it failed or was skipped
 */
public record Tap(String name, Outcome outcome, String detail) {
  /** How a test ended. */
  public enum Outcome {
    OK,
    SKIPPED,
    FAILED
  }

  private static final Pattern LINE =
      Pattern.compile("(ok|not ok) \\d+ (.*?)(?: # skip ?(.*))?", Pattern.CASE_INSENSITIVE);
  private static final Pattern PLAN = Pattern.compile("1\\.\\.(\\d+)");

  /** Reads a report; tests that were announced and never reported have failed. */
  public static List<Tap> parse(String report) {
    List<Tap> tests = new ArrayList<>();
    int planned = 0;
    for (String line : report.split("\n")) {
      Matcher test = LINE.matcher(line);
      Matcher plan = PLAN.matcher(line);
      if (plan.matches()) {
        planned = Integer.parseInt(plan.group(1));
      } else if (test.matches()) {
        Outcome outcome =
            !test.group(1).equals("ok")
                ? Outcome.FAILED
                : test.group(3) == null ? Outcome.OK : Outcome.SKIPPED;
        String detail = test.group(3) == null ? "" : test.group(3);
        tests.add(new Tap(test.group(2), outcome, detail));
      } else if (line.startsWith("#") && !tests.isEmpty()) {
        Tap last = tests.removeLast();
        tests.add(new Tap(last.name, last.outcome, last.detail + line + "\n"));
      }
    }
    while (tests.size() < planned) {
      tests.add(new Tap("test " + (tests.size() + 1), Outcome.FAILED, "never reported"));
    }
    return tests;
  }
}

package io.synlev.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** A configuration file that cannot be used; the message lists all that is wrong. */
public final class ConfigException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** More are counted and not shown: the rest follows from the first, or the file is another's. */
  private static final int MOST = 50;

  private final transient List<Problem> problems;

  ConfigException(String file, List<Problem> problems) {
    super(text(file, problems));
    this.problems = sorted(problems);
  }

  /** What is wrong, by line; at least one. */
  public List<Problem> problems() {
    return problems;
  }

  private static List<Problem> sorted(List<Problem> problems) {
    return problems.stream()
        .sorted(Comparator.comparingInt(Problem::line).thenComparingInt(Problem::column))
        .toList();
  }

  private static String text(String file, List<Problem> problems) {
    List<String> lines = new ArrayList<>();
    for (Problem problem : sorted(problems)) {
      if (lines.size() == MOST) {
        lines.add("and " + (problems.size() - MOST) + " more");
        break;
      }
      lines.add(problem.in(file));
    }
    return String.join("\n", lines);
  }
}

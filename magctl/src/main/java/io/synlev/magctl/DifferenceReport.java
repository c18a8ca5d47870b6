package io.synlev.magctl;

import io.synlev.config.Application;
import io.synlev.config.Difference;
import io.synlev.config.Difference.Change;
import io.synlev.config.Difference.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A difference for people and programs. */
final class DifferenceReport {
  private static final int GREEN = 32;
  private static final int RED = 31;
  private static final int YELLOW = 33;

  private DifferenceReport() {}

  /** A line a change; beyond {@code most} they are counted. */
  static String text(Difference difference, int most, Console console) {
    StringBuilder text = new StringBuilder();
    List<Change> changes = difference.changes();
    for (Change change : changes.subList(0, Math.min(most, changes.size()))) {
      String line = line(change);
      int colour = change.kind() == Kind.ADD ? GREEN : change.kind() == Kind.REMOVE ? RED : YELLOW;
      text.append(console.colours() ? Text.coloured(line, colour) : line).append('\n');
    }
    if (changes.size() > most) {
      text.append("and ").append(Text.plural(changes.size() - most, "more change")).append('\n');
    }
    return text.toString();
  }

  private static String line(Change change) {
    String before = String.join(", ", change.before());
    String after = String.join(", ", change.after());
    return switch (change.kind()) {
      case ADD -> "+ " + change.field() + ": " + after;
      case REMOVE -> "- " + change.field() + ": " + before;
      case CHANGE ->
          "~ "
              + change.field()
              + ": "
              + (before.isEmpty() ? "-" : before)
              + " -> "
              + (after.isEmpty() ? "-" : after);
    };
  }

  /** Such as {@code 2 added, 1 changed, 0 removed}. */
  static String summary(Difference difference) {
    return Text.count(difference.count(Kind.ADD))
        + " added, "
        + Text.count(difference.count(Kind.CHANGE))
        + " changed, "
        + Text.count(difference.count(Kind.REMOVE))
        + " removed";
  }

  static Map<String, Object> json(
      Application application, boolean applied, Confirmation confirmation) {
    List<Object> changes = new ArrayList<>();
    for (Change change : application.difference().changes()) {
      changes.add(
          Json.object(
              "kind", change.kind().name().toLowerCase(Locale.ROOT),
              "field", change.field(),
              "before", change.before(),
              "after", change.after()));
    }
    return Json.object(
        "instance",
        application.directory().instance(),
        "applied",
        applied,
        "changes",
        changes,
        "daemon",
        confirmation == null ? null : confirmation.json());
  }
}

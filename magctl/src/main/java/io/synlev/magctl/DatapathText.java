package io.synlev.magctl;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Datapaths and switches, for people. */
final class DatapathText {
  private static final double MICROS_PER_MILLI = 1000;

  private DatapathText() {}

  /** How a switch went, in a line. */
  static String outcome(Map<?, ?> change) {
    if (change.get("failure") != null) {
      return "not switched to " + change.get("to") + ": " + change.get("failure");
    }
    long gap = number(change, "gapMicros");
    long flows = number(change, "flows");
    return "%s serves instead of %s: prepared in %s, %s%s"
        .formatted(
            change.get("to"),
            change.get("from"),
            millis(number(change, "preparedMicros")),
            gap == 0
                ? "no gap, both served for " + millis(number(change, "togetherMicros"))
                : "nobody took packets for " + millis(gap) + " at most",
            flows == 0 ? "" : "; " + Text.plural(flows, "flow") + " carried over");
  }

  /** What serves. */
  static String of(DatapathAnswer answer) {
    List<String[]> rows = new ArrayList<>();
    rows.add(new String[] {"datapath", answer.datapath()});
    rows.add(new String[] {"since", answer.text("since")});
    rows.add(new String[] {"flows", answer.text("flows")});
    answer
        .settings()
        .forEach((name, value) -> rows.add(new String[] {String.valueOf(name), value + ""}));
    answer.options().forEach(option -> rows.add(new String[] {"option", String.valueOf(option)}));
    if (answer.step() != null) {
      rows.add(new String[] {"switch", "under way: " + answer.step()});
    } else if (answer.lastSwitch() != null) {
      rows.add(
          new String[] {
            "last switch", answer.lastSwitch().get("begun") + ": " + outcome(answer.lastSwitch())
          });
    }
    return Text.table(rows, false, false);
  }

  private static long number(Map<?, ?> members, String name) {
    return ((Number) members.get(name)).longValue();
  }

  private static String millis(long micros) {
    return String.format(Locale.ROOT, "%.1f ms", micros / MICROS_PER_MILLI);
  }
}

package io.synlev.magctl;

import io.synlev.magctl.doctor.Finding;
import io.synlev.magctl.whynot.Hop;
import io.synlev.magctl.whynot.Journey;
import io.synlev.magctl.whynot.ProbeFlow;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A packet's way for people and for programs. */
final class JourneyText {
  private static final int COLUMN = 10;

  private JourneyText() {}

  static String text(ProbeFlow flow, Journey journey, Console console) {
    StringBuilder text = new StringBuilder(flow.toString()).append('\n');
    for (Hop hop : journey.hops()) {
      String sign =
          switch (hop.outcome()) {
            case PASSED -> console.unicode() ? "✓" : "+";
            case ENDED -> console.unicode() ? "✗" : "x";
            case UNSEEN -> "?";
          };
      text.append("  ").append(sign).append(' ').append(Text.left(hop.name(), COLUMN));
      text.append(hop.text()).append('\n');
    }
    text.append(FindingText.text(journey.findings(), false, console.colours()));
    if (journey.end() != null) {
      return text.append("it ended at: ").append(journey.end()).append('\n').toString();
    }
    boolean isSeen = journey.hops().stream().allMatch(hop -> hop.outcome() == Hop.Outcome.PASSED);
    return text.append(isSeen ? "it came through\n" : "it came as far as can be seen\n").toString();
  }

  static Map<String, Object> json(ProbeFlow flow, Journey journey) {
    List<Object> hops = new ArrayList<>();
    for (Hop hop : journey.hops()) {
      hops.add(
          Json.object(
              "station", hop.name(),
              "outcome", hop.outcome().name().toLowerCase(Locale.ROOT),
              "text", hop.text()));
    }
    List<Object> findings = new ArrayList<>();
    for (Finding finding : journey.findings()) {
      findings.add(FindingText.object(finding));
    }
    return Json.object(
        "packet", flow.toString(), "end", journey.end(), "stations", hops, "findings", findings);
  }
}

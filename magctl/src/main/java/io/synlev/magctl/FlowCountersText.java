package io.synlev.magctl;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What was counted of flows, for people and as JSON. */
final class FlowCountersText {
  private static final int RATE_WIDTH = 12;
  private static final int SHARE_WIDTH = 9;

  /** How many there are at a moment: no rates. */
  private static final List<String> NUMBERS = List.of("known", "nat-sessions");

  private FlowCountersText() {}

  static String of(FlowCounters flows) {
    long packets = flows.packets();
    StringBuilder text = new StringBuilder();
    text.append(flows.carrier()).append(": ").append(Text.plural(packets, "packet"));
    text.append(" to services, ").append(Text.percent(flows.hits(), packets));
    text.append(" of known flows\n");
    List<String[]> rows = new ArrayList<>();
    rows.add(new String[] {"PACKETS", "COUNT", "SHARE"});
    row(rows, "hit", flows.hits(), packets);
    flows.misses().forEach((kind, number) -> row(rows, "miss " + kind, number, packets));
    row(rows, "bypass", flows.bypassed(), packets);
    text.append(Text.table(rows, false, true, true));
    List<String[]> others = new ArrayList<>();
    others.add(new String[] {"FLOWS", "COUNT"});
    flows
        .others()
        .forEach(
            (label, number) -> {
              if (number != 0) {
                others.add(new String[] {label, Text.count(number)});
              }
            });
    return text.append('\n').append(Text.table(others, false, true)).toString();
  }

  private static void row(List<String[]> rows, String label, long number, long all) {
    if (number != 0) {
      rows.add(new String[] {label, Text.count(number), Text.percent(number, all)});
    }
  }

  /** A line of rates a second: packets, hit share, and what of the rest there was. */
  static String rates(FlowCounters grown, boolean withHead) {
    StringBuilder text = new StringBuilder();
    if (withHead) {
      text.append(Text.right("PACKETS/S", RATE_WIDTH)).append(Text.right("HIT", SHARE_WIDTH));
      text.append("  MISSES/S | OTHERS/S\n");
    }
    text.append(Text.right(Text.count(grown.rate(grown.packets())), RATE_WIDTH));
    text.append(Text.right(Text.percent(grown.hits(), grown.packets()), SHARE_WIDTH)).append(' ');
    append(text, grown, grown.misses());
    text.append(" |");
    Map<String, Long> others = new LinkedHashMap<>();
    others.put("bypass", grown.bypassed());
    others.putAll(grown.others());
    others.keySet().removeAll(NUMBERS);
    append(text, grown, others);
    return text.append('\n').toString();
  }

  private static void append(StringBuilder text, FlowCounters grown, Map<String, Long> numbers) {
    numbers.forEach(
        (label, number) -> {
          if (number != 0) {
            text.append(' ').append(label).append(' ').append(Text.count(grown.rate(number)));
          }
        });
  }

  static Map<String, Object> json(FlowCounters flows) {
    return Json.object(
        "carrier", flows.carrier(),
        "packets", flows.packets(),
        "hits", flows.hits(),
        "misses", flows.misses(),
        "bypassed", flows.bypassed(),
        "flows", flows.others());
  }

  static Map<String, Object> ratesJson(FlowCounters grown) {
    Map<String, Object> misses = new LinkedHashMap<>();
    grown.misses().forEach((kind, number) -> misses.put(kind, grown.rate(number)));
    Map<String, Object> flows = new LinkedHashMap<>();
    grown.others().forEach((label, number) -> flows.put(label, grown.rate(number)));
    flows.keySet().removeAll(NUMBERS);
    long packets = grown.packets();
    return Json.object(
        "carrier",
        grown.carrier(),
        "packetsPerSecond",
        grown.rate(packets),
        "hitShare",
        packets == 0 ? 0.0 : (double) grown.hits() / packets,
        "missesPerSecond",
        misses,
        "bypassedPerSecond",
        grown.rate(grown.bypassed()),
        "flowsPerSecond",
        flows);
  }
}

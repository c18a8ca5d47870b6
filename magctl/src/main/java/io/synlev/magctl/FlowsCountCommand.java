package io.synlev.magctl;

import io.synlev.state.Instance;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;

/** Counts live flows. */
@Command(
    name = "count",
    description = {
      "Count the flows that tc or dpdk carries, by backend, and show what was counted of packets.",
      "Needs lbd with --offload tc or --datapath dpdk."
    })
final class FlowsCountCommand extends FlowsCommand {

  FlowsCountCommand(Context context) {
    super(context);
  }

  @Override
  int call() {
    try (Instance instance = open()) {
      Map<?, ?> answer = ask(instance, "flows.count", filter());
      List<Map<String, Object>> backends = backends(answer, names(instance));
      if (json) {
        printJson(
            Json.object(
                "flows", answer.get("flows"),
                "room", answer.get("room"),
                "carrier", answer.get("carrier"),
                "backends", backends,
                "program", answer.get("program")));
      } else {
        print(answer, backends);
      }
    }
    return Magctl.DONE;
  }

  private static List<Map<String, Object>> backends(Map<?, ?> answer, Map<Long, String[]> names) {
    List<Map<String, Object>> backends = new ArrayList<>();
    for (Object each : (List<?>) answer.get("backends")) {
      Map<?, ?> sums = (Map<?, ?>) each;
      String[] name = names.get(number(sums, "fwmark"));
      Map<String, Object> backend = new LinkedHashMap<>();
      backend.put("pool", name == null ? null : name[0]);
      backend.put("backend", name == null ? null : name[1]);
      for (String member : List.of("fwmark", "flows", "packets", "bytes")) {
        backend.put(member, number(sums, member));
      }
      backends.add(backend);
    }
    return backends;
  }

  private void print(Map<?, ?> answer, List<Map<String, Object>> backends) {
    println(
        "%s; there is room for %s %s"
            .formatted(
                Text.plural(number(answer, "flows"), "flow"),
                Text.count(number(answer, "room")),
                answer.get("roomOf")));
    if (!backends.isEmpty()) {
      List<String[]> rows = new ArrayList<>();
      rows.add(new String[] {"POOL", "BACKEND", "FWMARK", "FLOWS", "PACKETS", "BYTES"});
      for (Map<String, Object> backend : backends) {
        rows.add(
            new String[] {
              String.valueOf(backend.get("pool")),
              String.valueOf(backend.get("backend")),
              String.valueOf(backend.get("fwmark")),
              Text.count(number(backend, "flows")),
              Text.count(number(backend, "packets")),
              Text.count(number(backend, "bytes"))
            });
      }
      console().print(Text.table(rows, false, false, true, true, true, true));
    }
    println(
        answer.get("carrier").equals("tc")
            ? "the tc program has counted:"
            : answer.get("carrier") + " has counted:");
    List<String[]> rows = new ArrayList<>();
    rows.add(new String[] {"OUTCOME", "PACKETS"});
    Map<?, ?> program = (Map<?, ?>) answer.get("program");
    program.forEach(
        (outcome, packets) -> {
          if (((Number) packets).longValue() > 0) {
            rows.add(new String[] {outcome.toString(), Text.count(((Number) packets).longValue())});
          }
        });
    console().print(Text.table(rows, false, true));
  }
}

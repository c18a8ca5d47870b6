package io.synlev.magctl;

import io.synlev.packet.IpProtocol;
import io.synlev.state.Instance;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Lists live flows. */
@Command(
    name = "list",
    description = {
      "List the flows that tc or dpdk carries.",
      "Needs lbd with --offload tc, whose packets and bytes are those that went past lbd, or"
          + " --datapath dpdk, which counts neither."
    })
final class FlowsListCommand extends FlowsCommand {

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "100",
      description = "At most so many, 10000 or less (100).")
  private int limit = 100;

  FlowsListCommand(Context context) {
    super(context);
  }

  @Override
  int call() {
    try (Instance instance = open()) {
      Map<String, Object> request = filter();
      request.put("limit", limit);
      Map<?, ?> answer = ask(instance, "flows.list", request);
      Map<Long, String[]> names = names(instance);
      List<?> flows = (List<?>) answer.get("flows");
      long fitting = number(answer, "fitting");
      if (json) {
        List<Object> objects = new ArrayList<>();
        flows.forEach(flow -> objects.add(json((Map<?, ?>) flow, names)));
        printJson(Json.object("flows", objects, "fitting", fitting));
      } else {
        print(flows, fitting, names);
      }
    }
    return Magctl.DONE;
  }

  private static Map<String, Object> json(Map<?, ?> flow, Map<Long, String[]> names) {
    Map<String, Object> members = new LinkedHashMap<>();
    flow.forEach((name, value) -> members.put((String) name, value));
    String[] backend = names.get(number(flow, "fwmark"));
    members.put("pool", backend == null ? null : backend[0]);
    members.put("backend", backend == null ? null : backend[1]);
    return members;
  }

  private void print(List<?> flows, long fitting, Map<Long, String[]> names) {
    if (flows.isEmpty()) {
      println("no flows");
      return;
    }
    List<String[]> rows = new ArrayList<>();
    rows.add(
        new String[] {
          "PROTO", "SOURCE", "DESTINATION", "BACKEND", "STATE", "PACKETS", "BYTES", "IDLE"
        });
    for (Object each : flows) {
      Map<?, ?> flow = (Map<?, ?>) each;
      String[] backend = names.get(number(flow, "fwmark"));
      rows.add(
          new String[] {
            protocol(number(flow, "protocol")),
            endpoint(flow, "source"),
            endpoint(flow, "destination"),
            backend == null ? "fwmark " + flow.get("fwmark") : backend[0] + '/' + backend[1],
            flow.get("state").toString(),
            counted(flow, "packets"),
            counted(flow, "bytes"),
            Text.count(number(flow, "idleMillis")) + " ms"
          });
    }
    console().print(Text.table(rows, false, false, false, false, false, true, true, true));
    if (fitting > flows.size()) {
      println("%s of %s; --limit shows more".formatted(flows.size(), Text.count(fitting)));
    }
  }

  private static String counted(Map<?, ?> flow, String name) {
    return flow.get(name) == null ? "-" : Text.count(number(flow, name));
  }

  private static String protocol(long number) {
    return number == IpProtocol.TCP ? "tcp" : number == IpProtocol.UDP ? "udp" : "sctp";
  }

  private static String endpoint(Map<?, ?> flow, String side) {
    String address = flow.get(side).toString();
    Object port = flow.get(side + "Port");
    return address.contains(":") ? "[" + address + "]:" + port : address + ":" + port;
  }
}

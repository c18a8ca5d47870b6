package io.synlev.magctl;

import io.synlev.state.Instance;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Forgets live flows. */
@Command(
    name = "flush",
    description = {
      "Forget flows that tc or dpdk carries: their next packet is a new flow's, and goes where the table"
          + " says by then. A TCP connection whose backend changes breaks.",
      "Needs lbd with --offload tc or --datapath dpdk."
    })
final class FlowsFlushCommand extends FlowsCommand {

  @Option(names = "--all", description = "All flows.")
  private boolean all;

  FlowsFlushCommand(Context context) {
    super(context);
  }

  @Override
  int call() {
    Map<String, Object> request = filter();
    if (request.isEmpty() != all) {
      throw new UsageException(
          all
              ? "--all means every flow: leave it out to use a filter"
              : "say which flows: --backend, --pool, --service, --vip, --source, or --all");
    }
    if (all) {
      request.put("all", true);
    }
    try (Instance instance = open()) {
      long flushed = number(ask(instance, "flows.flush", request), "flushed");
      if (json) {
        printJson(Json.object("flushed", flushed));
      } else {
        println(Text.plural(flushed, "flow") + (flushed == 1 ? " is" : " are") + " forgotten");
      }
    }
    return Magctl.DONE;
  }
}

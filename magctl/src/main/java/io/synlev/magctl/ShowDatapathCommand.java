package io.synlev.magctl;

import io.synlev.state.Instance;
import java.util.List;
import picocli.CommandLine.Command;

/** Shows what carries the packets. */
@Command(
    name = "datapath",
    description = {
      "Show what carries the packets of the lbd that runs: since when, by which queues or ports, how"
          + " packets to services are told from others, and how the last switch went."
    },
    footer = {
      "",
      "Examples:",
      "  magctl show datapath",
      "  magctl show datapath --json",
      "  magctl datapath dpdk                  switches"
    })
final class ShowDatapathCommand extends InstanceCommand {

  ShowDatapathCommand(Context context) {
    super(context);
  }

  @Override
  boolean setWords(List<String> words) {
    return words.isEmpty();
  }

  @Override
  int call() {
    try (Instance instance = open()) {
      DatapathAnswer answer = DatapathAnswer.ask(instance);
      if (json) {
        printJson(answer.all());
      } else {
        console().print(DatapathText.of(answer));
      }
    }
    return Magctl.DONE;
  }
}

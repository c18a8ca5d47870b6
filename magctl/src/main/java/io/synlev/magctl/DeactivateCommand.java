package io.synlev.magctl;

import io.synlev.state.AdminState;
import io.synlev.state.Instance;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Makes backends inactive. */
@Command(
    name = "deactivate",
    description = {
      "Let backends take no new flows. All of them are deactivated, or none.",
      "Flows that the kernel carries go on, unless --flush ends them."
    },
    footer = {
      "",
      "Examples:",
      "  magctl deactivate s1           no new flows",
      "  magctl deactivate --flush s1   s1 is broken: its flows shall end, too",
      "  magctl drain s1                s1 needs maintenance: let its flows end"
    })
final class DeactivateCommand extends StateCommand {
  @Option(
      names = "--flush",
      description = {
        "End established flows, too: their next packet goes to another backend,",
        "which answers TCP with a reset. Needs lbd."
      })
  private boolean flush;

  DeactivateCommand(Context context) {
    super(context);
  }

  @Override
  boolean setFlag(String option) {
    if (option.equals("--flush") && !flush) {
      flush = true;
      return true;
    }
    return super.setFlag(option);
  }

  @Override
  int call() {
    try (Instance instance = open()) {
      Outcome outcome = change(instance, backend -> backend.with(AdminState.INACTIVE));
      if (!flush) {
        report(AdminState.INACTIVE, outcome, "");
        return Magctl.DONE;
      }
      EndedFlows ended = EndedFlows.ask(instance, pool, outcome.names());
      report(
          AdminState.INACTIVE,
          outcome,
          "",
          "endedFlows",
          ended.flows(),
          "carrier",
          ended.carrier());
      if (!json) {
        console().print(ended.text());
      }
      return ended.exitCode(console());
    }
  }
}

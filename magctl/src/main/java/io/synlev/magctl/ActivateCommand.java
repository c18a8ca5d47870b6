package io.synlev.magctl;

import io.synlev.state.AdminState;
import io.synlev.state.Instance;
import picocli.CommandLine.Command;

/** Makes backends active. */
@Command(
    name = "activate",
    description = "Let backends take new flows. All of them are activated, or none.")
final class ActivateCommand extends StateCommand {
  ActivateCommand(Context context) {
    super(context);
  }

  @Override
  int call() {
    try (Instance instance = open()) {
      report(AdminState.ACTIVE, change(instance, backend -> backend.with(AdminState.ACTIVE)), "");
    }
    return Magctl.DONE;
  }
}

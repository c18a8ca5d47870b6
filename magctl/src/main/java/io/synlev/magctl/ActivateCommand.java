package io.synlev.magctl;

import io.synlev.state.AdminState;
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
    return setState(AdminState.ACTIVE);
  }
}

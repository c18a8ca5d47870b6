package io.synlev.magctl;

import io.synlev.state.AdminState;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Makes backends inactive or draining. */
@Command(
    name = "deactivate",
    description = "Let backends take no new flows. All of them are deactivated, or none.")
final class DeactivateCommand extends StateCommand {
  @Option(
      names = "--drain",
      description = "Make them draining: established flows may end in peace.")
  private boolean drain;

  DeactivateCommand(Context context) {
    super(context);
  }

  @Override
  int call() {
    return setState(drain ? AdminState.DRAINING : AdminState.INACTIVE);
  }
}

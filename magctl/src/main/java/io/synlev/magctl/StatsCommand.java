package io.synlev.magctl;

import picocli.CommandLine.Command;

/** Shows counters. */
@Command(name = "stats", description = "Show what was decided about packets.")
final class StatsCommand extends InstanceCommand {
  StatsCommand(Context context) {
    super(context);
  }

  @Override
  int call() {
    return Magctl.DONE;
  }
}

package io.synlev.magctl;

import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Deletes the instance. */
@Command(name = "clean", description = "Delete the instance and all its pools.")
final class CleanCommand extends InstanceCommand {
  @Option(names = "--force", description = "Even while lbd serves it.")
  private boolean force;

  CleanCommand(Context context) {
    super(context);
  }

  @Override
  boolean setWords(List<String> words) {
    return words.isEmpty();
  }

  @Override
  int call() {
    InstanceRemoval.run(this, force);
    return Magctl.DONE;
  }
}

package io.synlev.magctl;

import picocli.AutoComplete;
import picocli.CommandLine.Command;

/** Prints what bash needs to complete our command lines. */
@Command(
    name = "completion",
    description = {"Print the completion script for bash:", "  source <(magctl completion)"})
final class CompletionCommand extends BaseCommand {
  CompletionCommand(Context context) {
    super(context);
  }

  @Override
  int call() {
    console().print(AutoComplete.bash("magctl", CommandTree.of(context)));
    return Magctl.DONE;
  }
}

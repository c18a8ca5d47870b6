package io.synlev.magctl;

import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** All commands at once, for the few that need them: completion, and the tests of the help. */
final class CommandTree {
  private CommandTree() {}

  static CommandLine of(Context context) {
    CommandLine root = new CommandLine(CommandSpec.create().name("magctl"));
    for (String[] command : Commands.ALL) {
      String[] words = command[0].split(" ");
      CommandLine parent = root;
      if (words.length == 2) {
        parent = root.getSubcommands().get(words[0]);
        if (parent == null) {
          parent = new CommandLine(CommandSpec.create().name(words[0]));
          root.addSubcommand(words[0], parent);
        }
      }
      parent.addSubcommand(
          words[words.length - 1], new CommandLine(Commands.create(command[0], context)));
    }
    return root;
  }
}

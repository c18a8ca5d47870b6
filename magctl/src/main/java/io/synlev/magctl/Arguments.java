package io.synlev.magctl;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Which command the arguments name, found without loading any: the first word that is no option,
 * and a second one where the first names a group. Options that stand before it are moved behind, so
 * that {@code magctl --instance a show} and {@code magctl show --instance a} are the same.
 */
final class Arguments {
  private final String command;
  private final String[] rest;

  private Arguments(String command, List<String> rest) {
    this.command = command;
    this.rest = rest.toArray(new String[0]);
  }

  /**
   * Takes the command line apart.
   *
   * @throws UsageException if there is no such command
   */
  static Arguments of(String[] args) {
    int at = skipOptions(args);
    List<String> rest = new ArrayList<>();
    List<String> before = Arrays.asList(args).subList(0, at);
    if (at == args.length) {
      if (before.contains("--version") || before.contains("-V")) {
        return new Arguments("version", rest);
      }
      return nothing(before);
    }
    String command = args[at++];
    if (command.equals("help")) {
      String[] asked =
          Arrays.copyOf(Arrays.copyOfRange(args, at, args.length), args.length - at + 1);
      asked[asked.length - 1] = "--help";
      return of(asked);
    }
    if (Commands.isGroup(command)) {
      if (at == args.length || args[at].startsWith("-")) {
        rest.addAll(Arrays.asList(args).subList(at, args.length));
        return new Arguments(command, rest);
      }
      command = command + " " + args[at++];
    } else if (at < args.length && Commands.goesOn(command, args[at])) {
      command = command + " " + args[at++];
    }
    Commands.require(command);
    rest.addAll(before);
    rest.addAll(Arrays.asList(args).subList(at, args.length));
    return new Arguments(command, rest);
  }

  private static Arguments nothing(List<String> options) {
    for (String option : options) {
      if (!option.equals("--help") && !option.equals("-h")) {
        throw new UsageException("'" + option + "' without a command: 'magctl --help' lists them");
      }
    }
    return new Arguments("", options);
  }

  private static int skipOptions(String[] args) {
    int at = 0;
    while (at < args.length && args[at].startsWith("-")) {
      boolean hasValue = args[at].equals("--instance") || args[at].equals("--state-dir");
      at += hasValue ? 2 : 1;
    }
    return Math.min(at, args.length);
  }

  /** The command's words joined by a space, such as {@code backend add}; empty if there is none. */
  String command() {
    return command;
  }

  /** All other arguments. */
  String[] rest() {
    return rest;
  }

  boolean asksForHelp() {
    List<String> all = Arrays.asList(rest);
    return all.contains("--help") || all.contains("-h");
  }
}

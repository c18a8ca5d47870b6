package io.synlev.magctl;

import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Reads arguments with picocli; see {@link QuickArguments} for when it is not needed. */
final class FullParser {
  private FullParser() {}

  /**
   * Parses the arguments of a command and runs it.
   *
   * @throws UsageException if they are wrong
   */
  static int parseAndCall(String words, String[] rest, Context context) {
    BaseCommand command = Commands.create(words, context);
    CommandLine line = new CommandLine(command).setCommandName("magctl " + words);
    try {
      line.parseArgs(rest);
      if (line.isUsageHelpRequested()) {
        context
            .console()
            .print(line.getUsageMessage(context.console().colours() ? Ansi.ON : Ansi.OFF));
        return Magctl.DONE;
      }
      return command.call();
    } catch (ParameterException e) {
      throw new UsageException(explain(e, words));
    }
  }

  private static String explain(ParameterException e, String words) {
    StringBuilder text = new StringBuilder(e.getMessage());
    if (e instanceof UnmatchedArgumentException unmatched
        && !unmatched.getSuggestions().isEmpty()) {
      text.append(". Did you mean ").append(unmatched.getSuggestions().getFirst()).append('?');
    }
    return text.append("\n'magctl ").append(words).append(" --help' explains it.").toString();
  }
}

package io.synlev.magctl;

import java.util.ArrayList;
import java.util.List;

/**
 * Reads the usual arguments of the commands that people and scripts call all the time. picocli
 * takes some 60 ms of a cold process to do the same, a third of the whole; it does the rest: help,
 * rare spellings, and every command line that is wrong, so that there is one place for messages.
 */
final class QuickArguments {
  private QuickArguments() {}

  /**
   * Fills a command's fields.
   *
   * @return false if picocli has to do it, with a fresh command, since this one may be half filled
   */
  static boolean fill(BaseCommand command, String[] args) {
    List<String> words = new ArrayList<>();
    for (int i = 0; i < args.length; i++) {
      String arg = args[i];
      if (!arg.startsWith("-")) {
        words.add(arg);
      } else if (!command.setFlag(arg)) {
        i++;
        if (i == args.length || args[i].startsWith("-") || !command.setValue(arg, args[i])) {
          return false;
        }
      }
    }
    return command.setWords(words);
  }
}

package io.synlev.magctl;

import io.synlev.state.StateException;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.util.Map;

/** The program. Exit codes: 0 done, 1 failed (the message says why), 2 wrong usage. */
public final class Magctl {
  static final int DONE = 0;
  static final int FAILED = 1;
  static final int USAGE = 2;

  private Magctl() {}

  /** Runs the command that {@code args} name and exits. */
  public static void main(String[] args) {
    // halt instead of exit: there is no hook to wait for, and the mappings end with the process.
    Runtime.getRuntime().halt(run(args, Console.ofProcess(), System.getenv()));
  }

  /**
   * Runs one command.
   *
   * @param environment where SYNLEV_… variables are looked up
   * @return the exit code; everything is written to the console
   */
  static int run(String[] args, Console console, Map<String, String> environment) {
    int code;
    try {
      code = dispatch(Arguments.of(args), new Context(console, environment));
    } catch (UsageException e) {
      console.error(e.getMessage());
      code = USAGE;
    } catch (StateException e) {
      console.error(e.getMessage());
      code = FAILED;
    } catch (InvalidPathException e) {
      console.error("'" + e.getInput() + "' is no path here: " + e.getReason());
      code = USAGE;
    } catch (RuntimeException e) {
      console.error("this is a defect, please report it: " + Defect.describe(e));
      code = FAILED;
    }
    return flush(console, code);
  }

  private static int dispatch(Arguments arguments, Context context) {
    String words = arguments.command();
    if (words.isEmpty()) {
      context.console().print(Help.overview());
      return arguments.asksForHelp() ? DONE : USAGE;
    }
    BaseCommand command = Commands.create(words, context);
    if (command == null) {
      // A group such as "backend" without saying what to do with it.
      context.console().print(Help.group(words));
      return arguments.asksForHelp() ? DONE : USAGE;
    }
    if (QuickArguments.fill(command, arguments.rest())) {
      return command.call();
    }
    return FullParser.parseAndCall(words, arguments.rest(), context);
  }

  private static int flush(Console console, int code) {
    try {
      console.flush();
      return code;
    } catch (IOException e) {
      // Whoever reads our output may stop reading; "magctl show | head -1" is no failure.
      if (Console.isClosedPipe(e)) {
        return code;
      }
      console.error("cannot write the output: " + e.getMessage());
      return FAILED;
    }
  }
}

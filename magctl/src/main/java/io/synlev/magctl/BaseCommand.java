package io.synlev.magctl;

import io.synlev.state.StateException;
import java.util.List;
import picocli.CommandLine.Option;

/** What every command has. */
abstract class BaseCommand {
  final Context context;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  private boolean help;

  BaseCommand(Context context) {
    this.context = context;
  }

  /**
   * Does what the command is for.
   *
   * @return the exit code
   * @throws StateException if it failed; then nothing was changed
   * @throws UsageException if the options contradict each other; then nothing was changed
   */
  abstract int call();

  /** Sets an option without a value, for {@link QuickArguments}; false if picocli must do it. */
  boolean setFlag(String option) {
    return false;
  }

  /** Sets an option, for {@link QuickArguments}; false if picocli must do it. */
  boolean setValue(String option, String value) {
    return false;
  }

  /** Sets what is no option, for {@link QuickArguments}; false if picocli must do it. */
  boolean setWords(List<String> words) {
    return false;
  }

  final Console console() {
    return context.console();
  }

  final void println(String line) {
    console().println(line);
  }
}

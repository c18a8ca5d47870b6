package io.synlev.magctl.doctor;

import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Runs programs: the one place that does. They only look; what they are given is short. */
public interface Programs {
  /**
   * What a program did.
   *
   * @param exit its exit code, {@link #MISSING} if it could not be run, {@link #LATE} if it was
   *     ended because it took too long
   * @param out its standard output
   * @param err its standard error, without blanks around it
   */
  record Output(int exit, String out, String err) {}

  /** Instead of an exit code: there is no such program, or it may not be run. */
  int MISSING = -1;

  /** Instead of an exit code: it was ended, since it took too long. */
  int LATE = -2;

  /**
   * Starts a program; whoever asks for its output waits until it has ended.
   *
   * @param input its standard input
   * @param command the program, found by PATH or in the directories for administrators, and its
   *     arguments
   */
  Supplier<Output> start(String input, List<String> command);

  /** Runs a program to its end. */
  default Output run(String input, String... command) {
    return start(input, List.of(command)).get();
  }

  /**
   * Programs of this host; each is ended after ten seconds.
   *
   * @param environment where PATH is looked up
   */
  static Programs here(Map<String, String> environment) {
    String path = environment.getOrDefault("PATH", "") + ":/usr/sbin:/sbin:/usr/bin:/bin";
    return (input, command) -> RunningProgram.start(path, input, command);
  }
}

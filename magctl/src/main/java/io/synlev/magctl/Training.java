package io.synlev.magctl;

import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What the JVM watches to make the start-up cache: the commands that people and scripts wait for.
 * Run once at build time with {@code -XX:AOTCacheOutput=FILE}.
 *
 * <p>What is not run here starts slower. What is run here makes <em>all</em> commands slower, since
 * the whole cache is mapped and linked at every start: with the commands that need Chronicle-Map or
 * picocli in it, {@code show} took longer than without any cache. So those run in a process of
 * their own.
 */
public final class Training {
  private static final String CREATE = "create 65537 100 --active 100 --vip 192.0.2.1/32";
  private static final String[] WATCHED = {
    "--help",
    "show",
    "show --plain",
    "deactivate 1",
    "activate 1",
    "backend list",
    "stats",
    "lookup 198.51.100.7:40000 192.0.2.1:80",
  };

  private Training() {}

  /**
   * Runs the commands.
   *
   * @param args a state directory to use, which need not exist; the instance in it is deleted
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    runUnwatched(args[0], CREATE);
    Map<String, String> environment = Map.of(InstanceCommand.STATE_DIR_VARIABLE, args[0]);
    for (String command : WATCHED) {
      int code = Magctl.run(command.split(" "), silent(), environment);
      if (code != Magctl.DONE) {
        throw new IllegalStateException("'" + command + "' ended with " + code);
      }
    }
    // It finds failures: no lbd runs, and there are no rules.
    Magctl.run(new String[] {"doctor"}, silent(), environment);
    // Run in the real console's surroundings too: /proc is read and the encoding asked for.
    Console.ofProcess();
    runUnwatched(args[0], "clean");
  }

  private static Console silent() {
    OutputStream nowhere = OutputStream.nullOutputStream();
    return new Console(nowhere, nowhere, true, true, false);
  }

  /** Runs a command in a JVM with our flags, but for those that watch. */
  private static void runUnwatched(String stateDir, String command)
      throws IOException, InterruptedException {
    ProcessHandle.Info self = ProcessHandle.current().info();
    List<String> words = new ArrayList<>(List.of(self.command().orElseThrow()));
    for (String argument : self.arguments().orElseThrow()) {
      if (argument.equals(Training.class.getName())) {
        break;
      }
      if (!argument.startsWith("-XX:AOT")) {
        words.add(argument);
      }
    }
    words.add(Magctl.class.getName());
    words.addAll(List.of(command.split(" ")));
    ProcessBuilder builder = new ProcessBuilder(words).inheritIO();
    builder.environment().put(InstanceCommand.STATE_DIR_VARIABLE, stateDir);
    builder.environment().remove(InstanceCommand.INSTANCE_VARIABLE);
    int code = builder.start().waitFor();
    if (code != Magctl.DONE) {
      throw new IllegalStateException("'" + command + "' ended with " + code);
    }
  }
}

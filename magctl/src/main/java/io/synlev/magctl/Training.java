package io.synlev.magctl;

import java.io.OutputStream;
import java.util.Map;

/**
 * What the JVM watches to make the start-up cache: the commands that people wait for. Run once at
 * build time with {@code -XX:AOTCacheOutput=FILE}; what is not run here starts slower, and what is
 * run here and rarely used makes all others slower, because the whole cache is mapped.
 */
public final class Training {
  private static final String[] COMMANDS = {
    "--help",
    "create 65537 100 --active 100 --vip 192.0.2.1/32",
    "show",
    "show --plain",
    "deactivate 1",
    "activate 1",
    "backend add s1,ipv4=192.0.2.2 --weight 2",
    "backend set s1 --weight 1",
    "backend list",
    "lookup 198.51.100.7:40000 192.0.2.1:80",
    "stats",
    "clean",
  };

  private Training() {}

  /**
   * Runs the commands.
   *
   * @param args a state directory to use, which need not exist
   */
  public static void main(String[] args) {
    Map<String, String> environment = Map.of(InstanceCommand.STATE_DIR_VARIABLE, args[0]);
    for (String command : COMMANDS) {
      Console console =
          new Console(
              OutputStream.nullOutputStream(), OutputStream.nullOutputStream(), true, true, false);
      int code = Magctl.run(command.split(" "), console, environment);
      if (code != Magctl.DONE) {
        throw new IllegalStateException("'" + command + "' ended with " + code);
      }
    }
    // Run in the real console's surroundings too: /proc is read and the encoding asked for.
    Console.ofProcess();
  }
}

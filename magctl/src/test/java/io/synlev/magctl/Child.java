package io.synlev.magctl;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Starts magctl as a process of its own, with the class path and flags of this one. */
final class Child {
  private Child() {}

  /** A process that is ready to start. */
  static ProcessBuilder of(Path stateDir, String commandLine) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    for (String flag : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      if (flag.startsWith("--") || flag.startsWith("-Dchronicle")) {
        command.add(flag);
      }
    }
    command.add("-XX:TieredStopAtLevel=1");
    command.add("-cp");
    command.add(
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    command.add("io.synlev.magctl.Magctl");
    command.addAll(List.of(commandLine.split(" ")));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().keySet().removeIf(name -> name.startsWith("SYNLEV_"));
    builder.environment().put("SYNLEV_STATE_DIR", stateDir.toString());
    builder.environment().put("LC_ALL", "C.UTF-8");
    return builder;
  }

  /** Runs it to its end. */
  static Run run(Path stateDir, String commandLine) throws IOException, InterruptedException {
    return await(of(stateDir, commandLine).start());
  }

  /** Waits for its end, and reads what it said. */
  static Run await(Process process) throws IOException, InterruptedException {
    CompletableFuture<String> err =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
              } catch (IOException e) {
                return e.toString();
              }
            });
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Run(process.waitFor(), out, err.join());
  }
}

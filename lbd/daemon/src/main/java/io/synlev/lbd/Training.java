package io.synlev.lbd;

import io.synlev.control.ControlClient;
import io.synlev.control.ControlException;
import io.synlev.ffi.Namespaces;
import io.synlev.ffi.NativeException;
import io.synlev.state.Instance;
import io.synlev.state.StateDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/**
 * Lives a daemon's life once, so that the JVM that is watching can write a start-up cache of what
 * it takes. Part of the build; the argument is a directory for an instance of its own.
 */
public final class Training {
  private static final String INSTANCE = "training";
  private static final long RETRY_NANOS = 10_000_000;

  private Training() {}

  /** Trains and exits: 0 done, 1 failed. */
  public static void main(String[] args) throws IOException, InterruptedException {
    StateDirectory directory = new StateDirectory(Path.of(args[0]), INSTANCE);
    createInstance(args[0]);
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of("--instance", INSTANCE, "--state-dir", args[0]));
    if (isAlone()) {
      Thread.ofPlatform().daemon().start(() -> ask(directory));
    } else {
      arguments.add("--warm-up-only");
    }
    Ending ending = new Ending();
    int code = Lbd.run(arguments.toArray(String[]::new), Map.of(), ending);
    Instance.delete(directory);
    ending.end(code);
  }

  /** In another process: what it takes to create an instance is no part of a daemon's life. */
  private static void createInstance(String base) throws IOException, InterruptedException {
    ProcessHandle.Info self = ProcessHandle.current().info();
    List<String> command = new ArrayList<>();
    command.add(self.command().orElseThrow());
    for (String argument : self.arguments().orElseThrow()) {
      if (argument.equals(Training.class.getName())) {
        break;
      }
      if (!argument.startsWith("-XX:AOT")) {
        command.add(argument);
      }
    }
    command.addAll(List.of(TrainingInstance.class.getName(), base, INSTANCE));
    if (new ProcessBuilder(command).inheritIO().start().waitFor() != 0) {
      throw new IOException("the instance to train with could not be created");
    }
  }

  /** Whether we are in a network where no queue is anybody's; takes root. */
  private static boolean isAlone() {
    try {
      Namespaces.enterNewNetwork();
      return true;
    } catch (NativeException e) {
      return false;
    }
  }

  private static void ask(StateDirectory directory) {
    while (true) {
      try (ControlClient client = ControlClient.connect(directory, ControlClient.DEFAULT_TIMEOUT)) {
        client.call("status", Map.of());
        client.call("stats", Map.of());
        client.call("sync", Map.of());
        client.call("stop", Map.of());
        return;
      } catch (ControlException notYet) {
        LockSupport.parkNanos(RETRY_NANOS);
      }
    }
  }
}

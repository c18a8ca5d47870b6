package io.synlev.lbd;

import io.synlev.control.ControlClient;
import io.synlev.control.ControlException;
import io.synlev.ffi.Namespaces;
import io.synlev.ffi.NativeException;
import io.synlev.hash.Seed;
import io.synlev.state.Backend;
import io.synlev.state.HashOn;
import io.synlev.state.Instance;
import io.synlev.state.InstanceSettings;
import io.synlev.state.Policy;
import io.synlev.state.PoolSettings;
import io.synlev.state.Prefix;
import io.synlev.state.Service;
import io.synlev.state.StateDirectory;
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
  public static void main(String[] args) {
    StateDirectory directory = new StateDirectory(Path.of(args[0]), INSTANCE);
    create(directory);
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
        client.call("sync", Map.of());
        client.call("stop", Map.of());
        return;
      } catch (ControlException notYet) {
        LockSupport.parkNanos(RETRY_NANOS);
      }
    }
  }

  private static void create(StateDirectory directory) {
    Instance instance =
        Instance.create(
            directory, new InstanceSettings(Seed.random(), InstanceSettings.DEFAULT_MARK_MASK));
    instance.createPool(
        new PoolSettings(
            "default", 997, PoolSettings.DEFAULT_CAPACITY, Policy.MAGLEV, HashOn.TUPLE, 0),
        List.of(Backend.of("1", 1), Backend.of("2", 2)));
    List<Prefix> vips = List.of(Prefix.parse("10.0.0.0/32"), Prefix.parse("1000::/128"));
    instance.updateServices(none -> List.of(new Service("default", "default", vips)));
    instance.close();
  }
}

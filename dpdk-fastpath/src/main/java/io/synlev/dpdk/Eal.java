package io.synlev.dpdk;

import io.synlev.ffi.NativeFunction;
import io.synlev.memory.Memory;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * DPDK's environment abstraction layer, of which a process has one, once.
 *
 * <p>rte_eal_init pins the thread that calls it, and threads inherit that; so it has a thread of
 * its own, on which everything that sets ports and pools up runs, too. Any thread may call.
 */
public final class Eal {

  private static Eal running;
  private static boolean used;

  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          task -> Thread.ofPlatform().name("dpdk-eal").daemon(true).unstarted(task));

  private final Libraries libraries;
  private final List<HugePages> hugePages = new ArrayList<>();
  private EalOptions options;

  /** Devices that it found at its start and whose ports are closed, by port; its thread's. */
  private final Map<String, Device> closedDevices = new HashMap<>();

  private Eal(Libraries libraries, EalOptions options) {
    this.libraries = libraries;
    this.options = options;
  }

  /**
   * The one that runs, with at least these huge pages; started if none does.
   *
   * @throws DpdkException as {@link #start}, and when the one that runs was started with what does
   *     not go with this
   */
  public static synchronized Eal obtain(EalOptions options) throws DpdkException {
    if (running == null && used) {
      throw new DpdkException(
          "DPDK did not start in this process, or has ended in it", "restart this process");
    }
    if (running == null) {
      return start(options);
    }
    options.requireGoesWith(running.options);
    running.growTo(options);
    return running;
  }

  private void growTo(EalOptions asked) throws DpdkException {
    int more = asked.megabytes() - options.megabytes();
    if (more > 0 && !options.isWithoutHugePages()) {
      hugePages.add(HugePages.reserve(HugePages.RECORDS, more));
      options = options.withMegabytes(asked.megabytes());
    }
  }

  /**
   * Starts DPDK, reserving huge pages if too few are free, and checks that it is the one we know.
   *
   * @throws DpdkException when libraries, huge pages or rights are missing, or it is another
   *     version
   * @throws IllegalStateException when this process started it before: DPDK cannot be started twice
   */
  public static synchronized Eal start(EalOptions options) throws DpdkException {
    if (used) {
      throw new IllegalStateException(
          "DPDK was started in this process before: it starts once a process, so restart it");
    }
    Eal eal = new Eal(Libraries.load(), options);
    // What is wrong with these can be mended in the same process.
    List<String> arguments = options.arguments(lowestCore());
    if (!options.isWithoutHugePages()) {
      eal.hugePages.add(HugePages.reserve(HugePages.RECORDS, options.megabytes()));
    }
    used = true;
    try {
      eal.run(
          () -> {
            eal.initialise(arguments);
            return null;
          });
      running = eal;
      SelfTest.run(eal);
    } catch (DpdkException | RuntimeException e) {
      eal.stop();
      throw e;
    }
    return eal;
  }

  /** The one that runs, or null. */
  public static synchronized Eal running() {
    return running;
  }

  private void initialise(List<String> arguments) throws DpdkException {
    NativeFunction init = libraries.eal("rte_eal_init");
    try (Arena arena = Arena.ofConfined()) {
      long argv = arena.allocate(8L * (arguments.size() + 1), 8).address();
      for (int i = 0; i < arguments.size(); i++) {
        // Kept by DPDK, so never freed.
        Memory.putLong(argv + 8L * i, Arena.global().allocateFrom(arguments.get(i)).address());
      }
      int parsed = init.plain(arguments.size(), argv, 0, 0);
      if (parsed < 0) {
        throw new DpdkException(
            "rte_eal_init(" + String.join(" ", arguments) + "): " + libraries.lastError(),
            "its own lines above say more; it needs root, the huge pages, and valid arguments");
      }
    }
  }

  private static int lowestCore() {
    try {
      return Files.readAllLines(Path.of("/proc/self/status")).stream()
          .filter(line -> line.startsWith("Cpus_allowed_list:"))
          .map(line -> line.replaceFirst("[^0-9]*([0-9]+).*", "$1"))
          .mapToInt(Integer::parseInt)
          .findFirst()
          .orElse(0);
    } catch (IOException | NumberFormatException e) {
      return 0; // the EAL itself says so if we must not use it
    }
  }

  /** The version that runs, such as {@code DPDK 22.11.11}. */
  public String version() throws DpdkException {
    return libraries.version();
  }

  /** Devices to be put on their bus again when their ports are asked for. On its thread. */
  Map<String, Device> closedDevices() {
    return closedDevices;
  }

  Libraries libraries() {
    return libraries;
  }

  /**
   * Runs something on DPDK's own thread and waits for it.
   *
   * @throws DpdkException when the task does
   */
  <T> T run(Callable<T> task) throws DpdkException {
    boolean interrupted = false;
    try {
      var future = thread.submit(task);
      while (true) {
        try {
          return future.get();
        } catch (InterruptedException e) {
          interrupted = true; // a half set-up port is worse than some milliseconds
        } catch (ExecutionException e) {
          throw cause(e);
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static DpdkException cause(ExecutionException e) {
    switch (e.getCause()) {
      case DpdkException dpdk -> {
        return dpdk;
      }
      case RuntimeException defect -> throw defect;
      case Error error -> throw error;
      default -> throw new AssertionError(e.getCause());
    }
  }

  /**
   * Ends DPDK and gives reserved huge pages back. Ports must be closed before. Cannot be started
   * again in this process.
   */
  public void stop() {
    synchronized (Eal.class) {
      if (running == this) {
        running = null;
        try {
          int ignored = run(() -> libraries.eal("rte_eal_cleanup").plain(0, 0, 0, 0));
        } catch (DpdkException e) {
          throw new AssertionError("every DPDK has rte_eal_cleanup", e);
        }
      }
    }
    thread.shutdown();
    hugePages.forEach(HugePages::close);
  }
}

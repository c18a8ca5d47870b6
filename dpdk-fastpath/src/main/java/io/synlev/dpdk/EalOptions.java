package io.synlev.dpdk;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What DPDK's environment abstraction layer is started with.
 *
 * @param core the processor of the EAL's own thread, or -1 for the lowest that this process may
 *     use; workers are pinned elsewhere by {@link Workers}
 * @param megabytes of huge pages to take at the start, 16 to 1048576; packet pools come out of them
 * @param drivers names such as {@code net_ring} or {@code net_ixgbe}, or paths of shared objects;
 *     empty lets the EAL load every driver it finds, which takes longer
 * @param devices PCI devices to use, such as {@code 0000:03:00.0}; empty leaves PCI alone
 * @param more passed to rte_eal_init as they are, behind ours
 */
public record EalOptions(
    int core, int megabytes, List<String> drivers, List<String> devices, List<String> more) {

  private static final List<Path> DRIVER_DIRECTORIES =
      List.of(
          Path.of("/usr/lib/x86_64-linux-gnu/dpdk/pmds-23.0"),
          Path.of("/usr/local/lib/x86_64-linux-gnu/dpdk/pmds-23.0"),
          Path.of("/usr/lib64/dpdk/pmds-23.0"));

  /** Checks the ranges. */
  public EalOptions {
    if (core < -1) {
      throw new IllegalArgumentException("core " + core + " is out of range: use 0 or more");
    }
    if (megabytes < 16 || megabytes > 1 << 20) {
      throw new IllegalArgumentException(
          megabytes + " MB of huge pages is out of range: use 16 to 1048576");
    }
    drivers = List.copyOf(drivers);
    devices = List.copyOf(devices);
    more = List.copyOf(more);
  }

  /** With these drivers, 256 MB, no PCI devices. */
  public static EalOptions of(List<String> drivers) {
    return new EalOptions(-1, 256, drivers, List.of(), List.of());
  }

  /** The same with another processor for the EAL's thread. */
  public EalOptions withCore(int number) {
    return new EalOptions(number, megabytes, drivers, devices, more);
  }

  /** The same with another amount of huge pages. */
  public EalOptions withMegabytes(int number) {
    return new EalOptions(core, number, drivers, devices, more);
  }

  /** The same with these PCI devices. */
  public EalOptions withDevices(List<String> addresses) {
    return new EalOptions(core, megabytes, drivers, addresses, more);
  }

  /** The same with these further arguments. */
  public EalOptions withMore(List<String> arguments) {
    return new EalOptions(core, megabytes, drivers, devices, arguments);
  }

  /** Whether the arguments ask to do without huge pages. */
  boolean isWithoutHugePages() {
    return more.contains("--no-huge");
  }

  /**
   * Checks that an EAL that runs will do, whatever amount of memory is asked for. What is not said
   * (no drivers, no processor) is whatever that one has.
   *
   * @param started what that one was started with
   * @throws DpdkException naming what only another start could give
   */
  void requireGoesWith(EalOptions started) throws DpdkException {
    boolean hasDrivers = started.drivers.isEmpty() || started.drivers.containsAll(drivers);
    require(hasDrivers, "drivers", started.drivers, drivers);
    require(started.devices.containsAll(devices), "PCI devices", started.devices, devices);
    require(core < 0 || started.core == core, "the processor", started.core, core);
    require(started.more.equals(more), "arguments", started.more, more);
  }

  private static void require(boolean holds, String what, Object started, Object asked)
      throws DpdkException {
    if (!holds) {
      throw new DpdkException(
          "DPDK runs in this process with %s %s, and %s is asked for"
              .formatted(what, started, asked),
          "it starts once a process, so ask for the same, or restart it");
    }
  }

  /**
   * The arguments of rte_eal_init, the program's name first.
   *
   * @param lowestCore what stands for -1
   * @throws DpdkException naming a driver that is not installed
   */
  List<String> arguments(int lowestCore) throws DpdkException {
    List<String> all = new ArrayList<>(List.of("synlev"));
    all.addAll(List.of("-l", Integer.toString(core < 0 ? lowestCore : core)));
    // Nothing stays in the file system, so nothing is left over after a kill.
    all.addAll(List.of("--in-memory", "--no-telemetry", "--log-level=4"));
    all.addAll(List.of("-m", Integer.toString(megabytes)));
    if (devices.isEmpty()) {
      all.add("--no-pci");
    }
    for (String device : devices) {
      all.addAll(List.of("-a", device));
    }
    if (!drivers.isEmpty()) {
      all.addAll(List.of("-d", path("mempool_ring").toString()));
      for (String driver : drivers) {
        all.addAll(List.of("-d", path(driver).toString()));
      }
    }
    all.addAll(more);
    return all;
  }

  /** The file of a driver. */
  private static Path path(String driver) throws DpdkException {
    if (driver.indexOf('/') >= 0) {
      Path given = Path.of(driver);
      if (Files.isReadable(given)) {
        return given;
      }
      throw new DpdkException("no driver at " + driver, "check the path");
    }
    for (Path directory : DRIVER_DIRECTORIES) {
      Path file = directory.resolve(Libraries.soname(driver));
      if (Files.isReadable(file)) {
        return file;
      }
    }
    throw new DpdkException(
        "no driver '" + driver + "' (" + Libraries.soname(driver) + ")",
        "apt-get install librte-" + driver.replace('_', '-') + Layout2211.ABI);
  }
}

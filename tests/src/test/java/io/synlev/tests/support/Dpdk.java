package io.synlev.tests.support;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/** What tests with DPDK need of the machine, and must give back. */
public final class Dpdk {
  private static final Path DRIVERS = Path.of("/usr/lib/x86_64-linux-gnu/dpdk/pmds-23.0");

  private Dpdk() {}

  /**
   * Skips a test where drivers, such as {@code net_tap}, or the right to huge pages are missing.
   */
  public static void require(String... drivers) {
    assumeTrue(
        Files.isWritable(Path.of("/proc/sys/vm/nr_hugepages")),
        "huge pages need root: run as root");
    for (String driver : drivers) {
      assumeTrue(
          Files.exists(DRIVERS.resolve("librte_" + driver + ".so.23")),
          "no DPDK: apt-get install librte-" + driver.replace('_', '-') + "23");
    }
  }

  /** How many huge pages the machine has reserved. */
  public static long hugePages() {
    try {
      String text = Files.readString(Path.of("/proc/meminfo"));
      return Long.parseLong(
          Objects.requireNonNull(text.replaceAll("(?s).*HugePages_Total: +(\\d+).*", "$1")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

package io.synlev.dpdk;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The one EAL of a test JVM, with drivers for every virtual device that tests use; or a reason to
 * skip.
 */
public final class Dpdk {

  private static final List<String> DRIVERS = List.of("net_null", "net_ring", "net_pcap");

  private static Eal eal;

  private Dpdk() {}

  /**
   * The EAL, started by the first caller; it ends with the JVM. Skips without DPDK or root;
   * whatever else goes wrong fails.
   */
  public static synchronized Eal eal() {
    if (eal == null) {
      String missing = missing();
      if (missing != null && "true".equals(System.getenv("CI"))) {
        throw new IllegalStateException("cannot run, and CI=true: " + missing);
      }
      assumeTrue(missing == null, missing);
      try {
        eal = Eal.start(EalOptions.of(DRIVERS).withMegabytes(128));
      } catch (DpdkException e) {
        throw new UncheckedIOException(e);
      }
      Runtime.getRuntime().addShutdownHook(new Thread(eal::stop));
    }
    return eal;
  }

  /** What a test needs and is not there, or null. */
  private static String missing() {
    if (!Files.isWritable(Path.of("/proc/sys/vm/nr_hugepages"))) {
      return "huge pages need root: run as root";
    }
    try {
      Libraries.load();
      return null;
    } catch (DpdkException e) {
      return e.getMessage();
    }
  }
}

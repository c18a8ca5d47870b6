package io.synlev.dpdk;

import io.synlev.ffi.Errno;
import io.synlev.ffi.NativeException;
import io.synlev.ffi.NativeFunction;
import io.synlev.ffi.NativeLibrary;
import io.synlev.memory.Memory;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * DPDK's shared libraries, of exactly the ABI that we know. Any thread may call.
 *
 * <p>Loading them starts nothing. They stay loaded until the process ends.
 */
final class Libraries {

  /** Where a text that has no end is given up, in bytes. */
  private static final int LONGEST_TEXT = 4096;

  /** Enough to run with virtual devices; the driver of a real NIC comes on top. */
  static final String PACKAGES =
      "librte-eal23 librte-ethdev23 librte-mbuf23 librte-mempool23 librte-mempool-ring23"
          + " librte-ring23 librte-net-ring23, and for a NIC its driver's package, such as"
          + " librte-net-ixgbe23, librte-net-i40e23, librte-net-ice23 or librte-net-mlx5-23";

  private static final List<String> SYSTEM_DIRECTORIES =
      List.of("/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/local/lib/x86_64-linux-gnu");

  private static Libraries loaded;

  private final NativeLibrary eal;
  private final NativeLibrary ethdev;
  private final NativeLibrary mbuf;
  private final NativeLibrary mempool;
  private final NativeLibrary ring;
  private final NativeLibrary netRing;

  private Libraries() throws NativeException {
    eal = open("eal");
    ring = open("ring");
    mempool = open("mempool");
    mbuf = open("mbuf");
    ethdev = open("ethdev");
    netRing = open("net_ring");
  }

  /**
   * The libraries.
   *
   * @throws DpdkException naming the packages when they are missing, or the version that is there
   *     instead
   */
  static synchronized Libraries load() throws DpdkException {
    if (loaded == null) {
      try {
        Libraries libraries = new Libraries();
        libraries.checkVersion();
        loaded = libraries;
      } catch (NativeException e) {
        throw missing(e);
      }
    }
    return loaded;
  }

  static NativeLibrary open(String name) throws NativeException {
    return NativeLibrary.load(soname(name), "librte-" + name.replace('_', '-') + Layout2211.ABI);
  }

  /** The file name that the dynamic linker looks for. */
  static String soname(String name) {
    return "librte_" + name + ".so." + Layout2211.ABI;
  }

  static DpdkException missing(NativeException cause) {
    List<String> others = otherAbis();
    String what = "DPDK 22.11 is needed and " + cause.getMessage().replaceAll(":.*", "");
    if (!others.isEmpty()) {
      what += " (there is " + String.join(", ", others) + ", whose layouts are unknown)";
    }
    return new DpdkException(what, "apt-get install " + PACKAGES, cause);
  }

  /** Files of librte_eal with another ABI. */
  private static List<String> otherAbis() {
    List<String> found = new ArrayList<>();
    for (String directory : SYSTEM_DIRECTORIES) {
      try (DirectoryStream<Path> files =
          Files.newDirectoryStream(Path.of(directory), "librte_eal.so.*")) {
        files.forEach(file -> found.add(file.toString()));
      } catch (IOException e) {
        // Not there on this system.
      }
    }
    return found;
  }

  private void checkVersion() throws DpdkException {
    String version = version();
    if (!isKnown(version)) {
      throw new DpdkException(
          "rte_version() says '" + version + "' and only " + Layout2211.VERSION + " is known",
          "install Debian 12's packages: " + PACKAGES);
    }
  }

  /** Whether the layouts of a version are known: the whole number must agree. */
  static boolean isKnown(String version) {
    return version.equals(Layout2211.VERSION) || version.startsWith(Layout2211.VERSION + ".");
  }

  /** What rte_version() says, such as {@code DPDK 22.11.11}. */
  String version() throws DpdkException {
    return text(eal("rte_version").callLong(0, 0, 0, 0, 0, 0));
  }

  NativeFunction eal(String name) throws DpdkException {
    return function(eal, name);
  }

  NativeFunction ethdev(String name) throws DpdkException {
    return function(ethdev, name);
  }

  NativeFunction mbuf(String name) throws DpdkException {
    return function(mbuf, name);
  }

  NativeFunction mempool(String name) throws DpdkException {
    return function(mempool, name);
  }

  NativeFunction ring(String name) throws DpdkException {
    return function(ring, name);
  }

  NativeFunction netRing(String name) throws DpdkException {
    return function(netRing, name);
  }

  private static NativeFunction function(NativeLibrary library, String name) throws DpdkException {
    try {
      return library.function(name);
    } catch (NativeException e) {
      throw incomplete(name, e);
    }
  }

  private static DpdkException incomplete(String name, NativeException cause) {
    return new DpdkException(
        "this DPDK has no " + name, "install Debian 12's packages: " + PACKAGES, cause);
  }

  /** The array rte_eth_fp_ops. */
  long portOperations() throws DpdkException {
    return address(ethdev, "rte_eth_fp_ops");
  }

  /** The structure rte_mempool_ops_table. */
  long poolOperations() throws DpdkException {
    return address(mempool, "rte_mempool_ops_table");
  }

  /** The function that frees many mbufs. */
  long freeBulk() throws DpdkException {
    return address(mbuf, "rte_pktmbuf_free_bulk");
  }

  private static long address(NativeLibrary library, String name) throws DpdkException {
    try {
      return library.address(name);
    } catch (NativeException e) {
      throw incomplete(name, e);
    }
  }

  /** The calling thread's rte_errno, in words; for functions that return null on failure. */
  String lastError() throws DpdkException {
    // The symbol is thread-local, and dlsym(3) answers for the calling thread.
    return Errno.describe(Memory.getInt(address(eal, "per_lcore__rte_errno")));
  }

  /** The calling thread's number: rte_lcore_id() reads the same thread-local variable. */
  int lcore() throws DpdkException {
    return Memory.getInt(address(eal, "per_lcore__lcore_id"));
  }

  /** A text that DPDK owns. */
  static String text(long address) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; address != 0 && i < LONGEST_TEXT && Memory.getByte(address + i) != 0; i++) {
      text.append((char) (Memory.getByte(address + i) & 0x7f));
    }
    return text.toString();
  }
}

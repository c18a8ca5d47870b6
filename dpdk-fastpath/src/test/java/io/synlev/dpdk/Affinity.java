package io.synlev.dpdk;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where a thread may run, as the kernel says. */
final class Affinity {

  private Affinity() {}

  /** Such as {@code 0-1}. */
  static String ofThisThread() throws IOException {
    return Files.readAllLines(Path.of("/proc/thread-self/status")).stream()
        .filter(line -> line.startsWith("Cpus_allowed_list:"))
        .map(line -> line.replaceFirst(".*:\\s*", ""))
        .findFirst()
        .orElseThrow();
  }
}

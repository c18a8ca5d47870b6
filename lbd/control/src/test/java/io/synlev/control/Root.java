package io.synlev.control;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a test needs that plays several users. */
final class Root {
  private Root() {}

  /** Skips the test unless we can become anybody; in CI that is a failure. */
  static void require() throws IOException {
    String reason = "becoming another user takes root, and not only a user namespace's";
    boolean isRoot = Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
    boolean isEverybody = mappedIds() > Short.MAX_VALUE;
    if ("true".equals(System.getenv("CI"))) {
      assertTrue(isRoot && isEverybody, reason);
    }
    assumeTrue(isRoot && isEverybody, reason);
  }

  /** How many user ids there are in our user namespace; user_namespaces(7). */
  private static long mappedIds() throws IOException {
    long count = 0;
    for (String line : Files.readAllLines(Path.of("/proc/self/uid_map"))) {
      count += Long.parseLong(line.strip().split("\\s+")[2]);
    }
    return count;
  }
}

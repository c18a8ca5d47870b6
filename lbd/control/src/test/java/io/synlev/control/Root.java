package io.synlev.control;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a test needs that plays several users. */
final class Root {
  private Root() {}

  /** Skips the test unless we are root; in CI that is a failure. */
  static void require() throws IOException {
    boolean isRoot = Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
    String reason = "not root: becoming another user takes root";
    if ("true".equals(System.getenv("CI"))) {
      assertTrue(isRoot, reason);
    }
    assumeTrue(isRoot, reason);
  }
}

package io.synlev.state;

import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** What a test needs and not every machine gives; in CI it must be there. */
final class Privileges {
  private Privileges() {}

  /** Skips the test with a reason unless we are root; fails it in CI. */
  static void requireRoot() {
    require(isRoot(), "needs root: chown, mount and setpriv");
  }

  private static boolean isRoot() {
    try {
      return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
    } catch (IOException e) {
      return false;
    }
  }

  /** Skips the test with a reason unless a condition holds; fails it in CI. */
  static void require(boolean condition, String reason) {
    if (!condition && "true".equals(System.getenv("CI"))) {
      fail(reason);
    }
    Assumptions.assumeTrue(condition, reason);
  }

  /** Runs a command and returns whether it succeeded. */
  static boolean run(String... command) {
    try {
      Process process = new ProcessBuilder(command).inheritIO().start();
      return process.waitFor() == 0;
    } catch (IOException | InterruptedException e) {
      return false;
    }
  }
}

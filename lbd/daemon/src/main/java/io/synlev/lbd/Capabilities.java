package io.synlev.lbd;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Which rights the kernel grants this process; capabilities(7). */
final class Capabilities {
  /** include/uapi/linux/capability.h. */
  private static final int CAP_NET_ADMIN = 12;

  private static final String EFFECTIVE = "CapEff:";

  private Capabilities() {}

  /**
   * Checks that queues can be bound, before the kernel says no more than EPERM.
   *
   * @throws StartException if CAP_NET_ADMIN is missing
   */
  static void requireNetAdmin() throws StartException {
    for (String line : status()) {
      if (line.startsWith(EFFECTIVE) && !hasNetAdmin(line)) {
        throw new StartException(
            "CAP_NET_ADMIN is missing, without which the kernel hands out no queue: start lbd as"
                + " root, or give it this one capability (docs/lbd.md shows how)");
      }
    }
  }

  private static List<String> status() {
    try {
      return Files.readAllLines(Path.of("/proc/self/status"));
    } catch (IOException e) {
      return List.of(); // No /proc: the kernel's answer to the binding will do.
    }
  }

  static boolean hasNetAdmin(String line) {
    long effective = Long.parseUnsignedLong(line.substring(EFFECTIVE.length()).strip(), 16);
    return (effective >>> CAP_NET_ADMIN & 1) != 0;
  }
}

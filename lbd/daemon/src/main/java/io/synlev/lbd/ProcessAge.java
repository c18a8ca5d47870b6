package io.synlev.lbd;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How long ago this process started, the JVM's own start included; proc(5). */
final class ProcessAge {
  /** USER_HZ, in which the kernel reports to user space on every architecture that we know. */
  private static final int TICKS_PER_SECOND = 100;

  /** starttime is field 22; this counts from behind the command, which is field 2. */
  private static final int START_TIME_FIELD = 19;

  private ProcessAge() {}

  /** Milliseconds, in steps of ten; -1 if there is no /proc. */
  static long millis() {
    try {
      String stat = Files.readString(Path.of("/proc/self/stat"));
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
      long startedMillis = Long.parseLong(fields[START_TIME_FIELD]) * 1000 / TICKS_PER_SECOND;
      String uptime = Files.readString(Path.of("/proc/uptime"));
      double uptimeSeconds = Double.parseDouble(uptime.substring(0, uptime.indexOf(' ')));
      return Math.round(uptimeSeconds * 1000) - startedMillis;
    } catch (IOException e) {
      return -1;
    }
  }
}

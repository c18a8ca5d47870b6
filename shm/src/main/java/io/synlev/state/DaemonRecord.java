package io.synlev.state;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The daemon that serves an instance.
 *
 * @param pid its process, 0 for none
 * @param startTicks when that process started, in clock ticks since boot: tells it from a later
 *     process of the same number
 * @param firstQueue the first NFQUEUE it serves
 * @param lastQueue the last one
 */
public record DaemonRecord(long pid, long startTicks, int firstQueue, int lastQueue) {
  private static final DaemonRecord NONE = new DaemonRecord(0, 0, -1, -1);

  /** What is written when the daemon ends. */
  public static DaemonRecord none() {
    return NONE;
  }

  /** This process, serving queues. */
  public static DaemonRecord ofThisProcess(int firstQueue, int lastQueue) {
    long pid = ProcessHandle.current().pid();
    return new DaemonRecord(pid, startTicks(pid), firstQueue, lastQueue);
  }

  /** Whether that very process still runs; one that only waits to be buried does not. */
  public boolean isAlive() {
    return pid != 0 && startTicks(pid) == startTicks;
  }

  /** Field 22 of /proc/PID/stat (proc(5)), or -1 if there is no such process or it has ended. */
  private static long startTicks(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      // The second field is the command in parentheses and may hold anything, spaces included.
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
      boolean hasEnded = fields[0].equals("Z") || fields[0].equals("X");
      return hasEnded ? -1 : Long.parseLong(fields[19]);
    } catch (IOException gone) {
      return -1;
    }
  }
}

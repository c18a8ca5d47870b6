package io.synlev.state;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Finds out, for a message, who holds the record lock of a file. */
final class LockHolder {
  private LockHolder() {}

  /**
   * Describes the holder: "process 4711 (java), which is stopped: 'kill -CONT 4711' lets it go on".
   * Any wait for the same answer is in vain if the lock was released meanwhile, so it is a hint.
   *
   * @param inode the file's number
   */
  static String describe(long inode) {
    try {
      long pid = pid(Files.readString(Path.of("/proc/locks")), inode);
      if (pid > 0) {
        String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        // proc(5): pid (command) state ...; the command may hold anything, parentheses included.
        int end = stat.lastIndexOf(')');
        String process = "process " + pid + " " + stat.substring(stat.indexOf('('), end + 1);
        char state = stat.charAt(end + 2);
        return state == 'T' || state == 't'
            ? process + ", which is stopped: 'kill -CONT " + pid + "' lets it go on"
            : process + ": wait for it, or end it";
      }
    } catch (IOException | IndexOutOfBoundsException | NumberFormatException gone) {
      // Ended or out of sight (another PID namespace): answered below.
    }
    return "a process that 'lslocks' may name: wait for it, or end it";
  }

  /**
   * The pid in a line of /proc/locks (proc(5)) such as {@code 1: POSIX ADVISORY WRITE 4711
   * 00:1a:1234 0 EOF}, or -1. The device is not compared: the lock file's number together with
   * "POSIX ADVISORY WRITE" is rare enough for a hint.
   */
  private static long pid(String locks, long inode) {
    int at = 0;
    while (at < locks.length()) {
      int end = locks.indexOf('\n', at);
      String[] fields = locks.substring(at, end < 0 ? locks.length() : end).trim().split("\\s+");
      if (fields.length >= 6
          && fields[1].equals("POSIX")
          && fields[3].equals("WRITE")
          && fields[5].endsWith(":" + inode)) {
        return Long.parseLong(fields[4]);
      }
      at = end < 0 ? locks.length() : end + 1;
    }
    return -1;
  }
}

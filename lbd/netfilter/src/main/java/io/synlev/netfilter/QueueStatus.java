package io.synlev.netfilter;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One line of {@code /proc/net/netfilter/nfnetlink_queue}: a bound queue, as the kernel sees it.
 *
 * @param queue the queue's number
 * @param portId the netlink port id of the socket that holds it, an unsigned 32-bit number
 * @param waiting packets that wait for a verdict now
 * @param copyMode 0 nothing, 1 metadata, 2 the packet
 * @param copyRange bytes copied of each packet
 * @param queueDropped packets dropped because the queue was full
 * @param userDropped packets dropped because the socket's receive buffer was full
 * @param lastPacketId the id of the latest packet, which is the number of packets ever queued
 */
public record QueueStatus(
    int queue,
    long portId,
    long waiting,
    int copyMode,
    int copyRange,
    long queueDropped,
    long userDropped,
    long lastPacketId) {

  /** The calling thread's network namespace, which need not be that of the process. */
  static final Path PROC_FILE = Path.of("/proc/thread-self/net/netfilter/nfnetlink_queue");

  /**
   * Every bound queue of the calling thread's network namespace.
   *
   * @throws IOException when the file is absent (module nfnetlink_queue not loaded) or not readable
   *     (it is root's)
   */
  public static List<QueueStatus> readAll() throws IOException {
    return parse(Files.readAllLines(PROC_FILE));
  }

  /** One queue of the calling thread's network namespace, if it is bound. */
  public static Optional<QueueStatus> read(int queue) throws IOException {
    return readAll().stream().filter(status -> status.queue == queue).findFirst();
  }

  /** Reads the file's lines; what is no line of a queue is left out. */
  static List<QueueStatus> parse(List<String> lines) {
    List<QueueStatus> all = new ArrayList<>();
    for (String line : lines) {
      String[] fields = line.trim().split("\\s+");
      if (fields.length < 8) {
        continue;
      }
      try {
        all.add(of(fields));
      } catch (NumberFormatException e) {
        continue; // a newer kernel's heading, say
      }
    }
    return all;
  }

  private static QueueStatus of(String[] fields) {
    return new QueueStatus(
        Integer.parseInt(fields[0]),
        Long.parseLong(fields[1]),
        Long.parseLong(fields[2]),
        Integer.parseInt(fields[3]),
        Integer.parseInt(fields[4]),
        Long.parseLong(fields[5]),
        Long.parseLong(fields[6]),
        Long.parseLong(fields[7]));
  }
}

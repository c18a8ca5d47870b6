package io.synlev.netfilter;

import io.synlev.netlink.Netlink;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Which process holds a queue, for the error message of the one that cannot have it.
 *
 * <p>A port id equals the process id only for a process's first netlink socket, so the way is: port
 * id, socket inode ({@code /proc/net/netlink}), the process that has it open. Slow; for people
 * only.
 *
 * @param portId the netlink port id that the kernel's queue table shows
 * @param pid the process that has the socket open, or -1 when none was found
 * @param command its command line, or an empty text
 */
public record QueueHolder(long portId, long pid, String command) {

  private static final Path NETLINK_SOCKETS = Path.of("/proc/thread-self/net/netlink");
  private static final int PROTOCOL_FIELD = 1;
  private static final int PORT_ID_FIELD = 2;
  private static final int INODE_FIELD = 9;
  private static final int LONGEST_COMMAND = 120;

  /** The holder of a queue in the calling thread's network namespace, if the queue is bound. */
  public static Optional<QueueHolder> of(int queue) {
    try {
      return QueueStatus.read(queue).map(status -> ofPortId(status.portId()));
    } catch (IOException e) {
      return Optional.empty(); // not readable: the kernel's EPERM is all we know
    }
  }

  private static QueueHolder ofPortId(long portId) {
    try {
      for (String line : Files.readAllLines(NETLINK_SOCKETS)) {
        String[] fields = line.trim().split("\\s+");
        if (fields.length > INODE_FIELD
            && fields[PROTOCOL_FIELD].equals(String.valueOf(Netlink.NETLINK_NETFILTER))
            && fields[PORT_ID_FIELD].equals(String.valueOf(portId))) {
          return ofSocket(portId, "socket:[" + fields[INODE_FIELD] + "]");
        }
      }
    } catch (IOException e) {
      // falls through: the port id is still worth saying
    }
    return new QueueHolder(portId, -1, "");
  }

  private static QueueHolder ofSocket(long portId, String socket) throws IOException {
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[1-9]*")) {
      for (Path process : processes) {
        if (hasOpen(process, socket)) {
          return new QueueHolder(
              portId, Long.parseLong(process.getFileName().toString()), command(process));
        }
      }
    }
    return new QueueHolder(portId, -1, "");
  }

  private static boolean hasOpen(Path process, String socket) {
    try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(process.resolve("fd"))) {
      for (Path descriptor : descriptors) {
        if (isLinkTo(descriptor, socket)) {
          return true;
        }
      }
    } catch (IOException e) {
      // gone, or another user's
    }
    return false;
  }

  private static boolean isLinkTo(Path link, String target) {
    try {
      return Files.readSymbolicLink(link).toString().equals(target);
    } catch (IOException e) {
      return false; // closed meanwhile
    }
  }

  private static String command(Path process) {
    try {
      String line = Files.readString(process.resolve("cmdline")).replace('\0', ' ').trim();
      return line.length() <= LONGEST_COMMAND ? line : line.substring(0, LONGEST_COMMAND) + "...";
    } catch (IOException e) {
      return "";
    }
  }

  @Override
  public String toString() {
    return "netlink port id "
        + portId
        + (pid < 0 ? "" : ", process " + pid + (command.isEmpty() ? "" : " (" + command + ")"));
  }
}

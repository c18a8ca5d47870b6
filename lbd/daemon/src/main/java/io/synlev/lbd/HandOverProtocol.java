package io.synlev.lbd;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the daemon that goes and the one that comes say to each other; docs/restart.md draws it.
 *
 * <p>The one that comes calls {@value #METHOD} on the control socket, and is then connected to on a
 * socket of its own, by which everything else goes. Either end gives up when the other is gone. Who
 * takes the baton serves.
 */
final class HandOverProtocol {
  /** The method; its result tells which queues' sockets will come, in their order. */
  static final String METHOD = "handover.begin";

  /** To the one that comes: the sockets, then the baton. */
  static final String SOCKETS = "sockets";

  /** To the one that goes: put no new configuration to use. */
  static final String FREEZE = "freeze";

  /** Its answer. */
  static final String FROZEN = "frozen";

  /** To the one that goes: read no more, and offer the baton. */
  static final String STOP = "stop";

  /** To the one that goes: the queues are read, from here there is no way back. */
  static final String SERVING = "serving";

  /**
   * Its answer: the claim is passed on, the sockets are closed. What follows is when each queue was
   * read for the last time.
   */
  static final String RELEASED = "released: ";

  /** To the one that goes: clients find the other control socket. */
  static final String DONE = "done";

  /** Either way: it ends here; what follows is why. */
  static final String FAILED = "failed: ";

  private static final Path NETWORK = Path.of("/proc/thread-self/ns/net");
  private static final String SOCKET_NAME = "control.sock.takeover.";

  private HandOverProtocol() {}

  /**
   * Where the process that comes listens: in the instance's directory, which others cannot enter.
   */
  static Path socket(Path directory, long pid) {
    return directory.resolve(SOCKET_NAME + pid);
  }

  /** The calling thread's network namespace, in a form that can be compared. */
  static String network() {
    try {
      return Files.readSymbolicLink(NETWORK).toString();
    } catch (IOException e) {
      return "unknown";
    }
  }

  /** When each queue was read for the last time, on one line. */
  static String write(Map<Integer, Long> ends) {
    return ends.entrySet().stream()
        .map(each -> each.getKey() + "=" + each.getValue())
        .collect(Collectors.joining(" "));
  }

  /** Reads what {@link #write} wrote. */
  static Map<Integer, Long> read(String ends) {
    return Stream.of(ends.split(" "))
        .map(each -> each.split("="))
        .collect(Collectors.toMap(each -> Integer.valueOf(each[0]), each -> Long.valueOf(each[1])));
  }
}

package io.synlev.dpdk;

import io.synlev.ffi.Descriptors;
import io.synlev.ffi.Sockets;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * The AF_XDP sockets of this process. net_af_xdp of DPDK 22.11 leaves its own open when its port is
 * closed (a reference count of its packet memory begins at 0), and the interface's queue stays
 * taken: no other socket could be bound to it until the process ends. So what was opened for a port
 * is closed behind it. Runs on the EAL's thread, as all that opens and closes ports does.
 */
final class XdpSockets {

  private static final Path DESCRIPTORS = Path.of("/proc/self/fd");
  private static final int AF_XDP = 44; // include/linux/socket.h
  private static final int SO_DOMAIN = 39; // include/uapi/asm-generic/socket.h

  /** What each descriptor is, such as {@code socket:[4711]}: no other one ever is. */
  private final Map<Integer, String> sockets = new HashMap<>();

  /** All that are open now. */
  static XdpSockets open() {
    XdpSockets open = new XdpSockets();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(DESCRIPTORS)) {
      for (Path each : all) {
        int descriptor = Integer.parseInt(each.getFileName().toString());
        if (Sockets.getOption(descriptor, Sockets.SOL_SOCKET, SO_DOMAIN) == AF_XDP) {
          open.sockets.put(descriptor, what(descriptor));
        }
      }
    } catch (IOException e) {
      // Without /proc nothing can be told apart, so nothing is closed.
    }
    return open;
  }

  /** Leaves out those that were open before. */
  XdpSockets without(XdpSockets former) {
    sockets.entrySet().removeAll(former.sockets.entrySet());
    return this;
  }

  /** Closes those that are still open. */
  void close() {
    sockets.forEach(
        (descriptor, socket) -> {
          if (socket.equals(what(descriptor))) {
            Descriptors.close(descriptor);
          }
        });
    sockets.clear();
  }

  private static String what(int descriptor) {
    try {
      return Files.readSymbolicLink(DESCRIPTORS.resolve("" + descriptor)).toString();
    } catch (IOException closed) {
      return "";
    }
  }
}

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
 * Descriptors that net_af_xdp of DPDK 22.11 leaves open when its port is closed: its AF_XDP socket
 * (a reference count of its packet memory begins at 0), which keeps the interface's queue, so that
 * no other socket could be bound to it until the process ends; and the XDP program that it was told
 * to load, with its maps and types. What was opened for a port is closed behind it. Runs on the
 * EAL's thread, as all that opens and closes ports does; nobody else makes such descriptors
 * meanwhile.
 */
final class LeftDescriptors {

  private static final Path PROCESS = Path.of("/proc/self");
  private static final int AF_XDP = 44; // include/linux/socket.h
  private static final int SO_DOMAIN = 39; // include/uapi/asm-generic/socket.h

  /** In fdinfo of what bpf(2) has made: kernel/bpf/syscall.c, btf.c. */
  private static final String NUMBER = "(map|prog|btf)_id:.*";

  /** What each descriptor is, such as {@code socket:[4711]}: no other one ever is. */
  private final Map<Integer, String> identities = new HashMap<>();

  /** All of the kind that are open now. */
  static LeftDescriptors open() {
    LeftDescriptors open = new LeftDescriptors();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(PROCESS.resolve("fd"))) {
      for (Path each : all) {
        int descriptor = Integer.parseInt(each.getFileName().toString());
        String identity = identity(descriptor);
        if (!identity.isEmpty()) {
          open.identities.put(descriptor, identity);
        }
      }
    } catch (IOException e) {
      // Without /proc nothing can be told apart, so nothing is closed.
    }
    return open;
  }

  /** Leaves out those that were open before. */
  LeftDescriptors without(LeftDescriptors former) {
    identities.entrySet().removeAll(former.identities.entrySet());
    return this;
  }

  /** Closes those that are still open. */
  void close() {
    identities.forEach(
        (descriptor, identity) -> {
          if (identity.equals(identity(descriptor))) {
            Descriptors.close(descriptor);
          }
        });
    identities.clear();
  }

  /** Empty for what is of another kind, or closed. */
  private static String identity(int descriptor) {
    try {
      String what = Files.readSymbolicLink(PROCESS.resolve("fd/" + descriptor)).toString();
      if (what.startsWith("socket:")) {
        int domain = Sockets.getOption(descriptor, Sockets.SOL_SOCKET, SO_DOMAIN);
        return domain == AF_XDP ? what : "";
      }
      return what.contains("bpf-") || what.contains("btf") ? number(descriptor) : "";
    } catch (IOException closed) {
      return "";
    }
  }

  private static String number(int descriptor) throws IOException {
    return Files.readAllLines(PROCESS.resolve("fdinfo/" + descriptor)).stream()
        .filter(line -> line.matches(NUMBER))
        .findFirst()
        .orElse("");
  }
}

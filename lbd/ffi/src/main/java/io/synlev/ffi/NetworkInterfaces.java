package io.synlev.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/**
 * Interfaces of the calling thread's network namespace, see netdevice(7). Java's own class reads
 * them for the process. Each returns a negative errno on failure; none throws.
 */
public final class NetworkInterfaces {

  /** include/uapi/linux/if_arp.h: Ethernet. */
  public static final int ETHERNET = 1;

  /** include/uapi/linux/if_arp.h: the loopback interface, whose frames look like Ethernet's. */
  public static final int LOOPBACK = 772;

  /** Longest name in bytes: IFNAMSIZ less the final zero. */
  public static final int LONGEST_NAME = 15;

  private static final int IFREQ_BYTES = 40;
  private static final int IFREQ_DATA_OFFSET = 16;
  private static final int SIOCGIFINDEX = 0x8933;
  private static final int SIOCGIFHWADDR = 0x8927;
  private static final int AF_INET = 2;

  private NetworkInterfaces() {}

  /** The interface's number, ifindex, or a negative errno: ENODEV when there is none. */
  public static int index(String name) {
    return ask(name, SIOCGIFINDEX, ValueLayout.JAVA_INT);
  }

  /** What its frames look like, a number of include/uapi/linux/if_arp.h, or a negative errno. */
  public static int type(String name) {
    return ask(name, SIOCGIFHWADDR, ValueLayout.JAVA_SHORT);
  }

  private static int ask(String name, int request, ValueLayout answer) {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    if (bytes.length == 0 || bytes.length > LONGEST_NAME) {
      return -Errno.ENODEV.number();
    }
    int socket = Sockets.socket(AF_INET, Sockets.SOCK_DGRAM | Sockets.SOCK_CLOEXEC, 0);
    if (socket < 0) {
      return socket;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment ifreq = arena.allocate(IFREQ_BYTES, 8);
      MemorySegment.copy(bytes, 0, ifreq, ValueLayout.JAVA_BYTE, 0, bytes.length);
      int result = Descriptors.ioctl(socket, request, ifreq.address());
      if (result < 0) {
        return result;
      }
      return answer instanceof ValueLayout.OfInt
          ? ifreq.get(ValueLayout.JAVA_INT, IFREQ_DATA_OFFSET)
          : Short.toUnsignedInt(ifreq.get(ValueLayout.JAVA_SHORT, IFREQ_DATA_OFFSET));
    } finally {
      Sockets.close(socket);
    }
  }
}

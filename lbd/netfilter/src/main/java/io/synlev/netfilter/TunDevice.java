package io.synlev.netfilter;

import io.synlev.ffi.Descriptors;
import io.synlev.ffi.Errno;
import io.synlev.ffi.Interfaces;
import io.synlev.ffi.NativeException;
import io.synlev.ffi.Sockets;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A tun interface: what is written to it arrives as if a link had brought it.
 *
 * <p>Made by the kernel's /dev/net/tun (Documentation/networking/tuntap.rst); it goes with the
 * descriptor unless somebody made it persistent. Needs CAP_NET_ADMIN. Nobody reads it: what the
 * host sends there is lost. Writing is safe from any thread.
 */
final class TunDevice implements AutoCloseable {

  private static final Path CLONE_DEVICE = Path.of("/dev/net/tun");
  private static final Path CONF = Path.of("/proc/sys/net");

  // include/uapi/linux/if_tun.h
  private static final int TUNSETIFF = 0x4004_54ca;
  private static final short IFF_TUN = 0x0001;
  private static final short IFF_NO_PI = 0x1000;

  // include/uapi/linux/sockios.h, include/uapi/linux/if.h
  private static final int SIOCGIFFLAGS = 0x8913;
  private static final int SIOCSIFFLAGS = 0x8914;
  private static final int SIOCSIFMTU = 0x8922;
  private static final int SIOCGIFINDEX = 0x8933;
  private static final short IFF_UP = 0x1;
  private static final short IFF_NOARP = 0x80;

  /** struct ifreq: the name in 16 bytes, then a union of 24. */
  private static final int IFREQ_BYTES = 40;

  private static final int IFREQ_VALUE = 16;

  /** As long as IP packets are: whatever link a fragment came by, it fits. */
  private static final int MTU = 65535;

  private final String name;
  private final int descriptor;
  private final int index;

  private TunDevice(String name, int descriptor, int index) {
    this.name = name;
    this.descriptor = descriptor;
    this.index = index;
  }

  /**
   * Makes the device in the calling thread's network namespace, or takes one of that name that
   * nobody uses, and brings it up: no ARP, the largest MTU, no addresses of its own.
   *
   * @param name 1 to 15 bytes, as interfaces have them
   * @throws NativeException ENOENT without the tun driver, EPERM without the right, EBUSY when
   *     another process has it
   */
  static TunDevice open(String name) throws NativeException {
    int flags = Descriptors.O_RDWR | Descriptors.O_NONBLOCK | Descriptors.O_CLOEXEC;
    int descriptor = Descriptors.open(CLONE_DEVICE, flags);
    if (Errno.ENOENT.is(descriptor) || Errno.ENODEV.is(descriptor)) {
      throw new NativeException("open(/dev/net/tun)", -descriptor, "modprobe tun");
    }
    NativeException.check(descriptor, "open(/dev/net/tun)");
    try {
      return new TunDevice(name, descriptor, bringUp(name, descriptor));
    } catch (NativeException e) {
      Descriptors.close(descriptor);
      throw e;
    }
  }

  /**
   * Goes on with a device that another process has made.
   *
   * @param descriptor is closed with the device, and after a failure
   */
  static TunDevice adopt(String name, int descriptor) throws NativeException {
    int index = Interfaces.index(name);
    if (index == 0) {
      Descriptors.close(descriptor);
      throw new NativeException("tun device " + name, Errno.ENODEV.number());
    }
    return new TunDevice(name, descriptor, index);
  }

  private static int bringUp(String name, int descriptor) throws NativeException {
    int socket = Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_DGRAM | Sockets.SOCK_CLOEXEC, 0);
    NativeException.check(socket, "socket(AF_UNIX)");
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment request = arena.allocate(IFREQ_BYTES, 8);
      MemorySegment.copy(
          name.getBytes(StandardCharsets.US_ASCII),
          0,
          request,
          ValueLayout.JAVA_BYTE,
          0,
          name.length());
      request.set(ValueLayout.JAVA_SHORT, IFREQ_VALUE, (short) (IFF_TUN | IFF_NO_PI));
      int made = Descriptors.ioctl(descriptor, TUNSETIFF, request.address());
      if (Errno.EBUSY.is(made)) {
        throw new NativeException(
            "tun device " + name, -made, "another process has it: choose another name");
      }
      NativeException.check(made, "tun device " + name);
      quieten(name);
      request.set(ValueLayout.JAVA_INT, IFREQ_VALUE, MTU);
      call(socket, SIOCSIFMTU, request, "mtu " + MTU + " of " + name);
      call(socket, SIOCGIFFLAGS, request, "flags of " + name);
      short flags = request.get(ValueLayout.JAVA_SHORT, IFREQ_VALUE);
      request.set(ValueLayout.JAVA_SHORT, IFREQ_VALUE, (short) (flags | IFF_UP | IFF_NOARP));
      call(socket, SIOCSIFFLAGS, request, "bringing up " + name);
      call(socket, SIOCGIFINDEX, request, "index of " + name);
      return request.get(ValueLayout.JAVA_INT, IFREQ_VALUE);
    } finally {
      Sockets.close(socket);
    }
  }

  private static void call(int socket, int request, MemorySegment ifreq, String what)
      throws NativeException {
    NativeException.check(Descriptors.ioctl(socket, request, ifreq.address()), what);
  }

  /**
   * Clients' packets come in here although their routes lead elsewhere. The kernel takes the
   * stricter of rp_filter for all and for the device, where 2 (loose) counts as the higher number;
   * so 2 makes strict for all loose here, and 0 stays none where all has none.
   */
  private static void quieten(String name) {
    boolean filtered = !"0".equals(read(CONF.resolve("ipv4/conf/all/rp_filter")));
    write(CONF.resolve("ipv4/conf").resolve(name).resolve("rp_filter"), filtered ? "2" : "0");
    write(CONF.resolve("ipv6/conf").resolve(name).resolve("addr_gen_mode"), "1"); // none
  }

  private static String read(Path file) {
    try {
      return Files.readAllLines(file).getFirst().trim();
    } catch (IOException e) {
      return "unknown";
    }
  }

  private static void write(Path file, String value) {
    try {
      Files.writeString(file, value);
    } catch (IOException e) {
      // Read-only in some containers; settings() shows what is in force.
    }
  }

  /**
   * Lets a packet arrive.
   *
   * @return false when the kernel does not take it
   */
  boolean write(long address, int length) {
    return Descriptors.write(descriptor, address, length) == length;
  }

  /** The interface's index, as NFQA_IFINDEX_INDEV tells it. */
  int index() {
    return index;
  }

  /** What another process needs to go on with it. */
  BoundSockets.Tun shared() {
    return new BoundSockets.Tun(name, descriptor);
  }

  /** What is in force, for people. */
  String settings() {
    return name
        + ": index "
        + index
        + ", mtu "
        + MTU
        + ", rp_filter "
        + read(CONF.resolve("ipv4/conf").resolve(name).resolve("rp_filter"));
  }

  /** Closes the device, which ends it unless another process has it, too; once only. */
  @Override
  public void close() {
    Descriptors.close(descriptor);
  }
}

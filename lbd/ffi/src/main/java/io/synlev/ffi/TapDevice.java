package io.synlev.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * A tap interface: Ethernet frames that are written to it come in as if a link had brought them
 * (Documentation/networking/tuntap.rst).
 *
 * <p>It goes with the descriptor, so at the latest when the process ends, however that happens;
 * with it go its addresses, routes, queueing disciplines and filters. Making one needs
 * CAP_NET_ADMIN. Belongs to one thread.
 */
public final class TapDevice implements AutoCloseable {
  private static final Path CLONE_DEVICE = Path.of("/dev/net/tun");

  // include/uapi/linux/if_tun.h
  private static final int TUNSETIFF = 0x4004_54ca;
  private static final short IFF_TAP = 0x0002;
  private static final short IFF_NO_PI = 0x1000;

  /** struct ifreq: the name in 16 bytes, then a union of 24. */
  private static final int IFREQ_BYTES = 40;

  private static final int IFREQ_VALUE = 16;

  private final String name;
  private final int descriptor;

  private TapDevice(String name, int descriptor) {
    this.name = name;
    this.descriptor = descriptor;
  }

  /**
   * Makes the interface in the calling thread's network namespace; it is down.
   *
   * @param name 1 to 15 bytes, as interfaces have them
   * @throws NativeException ENOENT without the tun driver, EPERM without the right, EBUSY when
   *     there is one of that name
   */
  public static TapDevice open(String name) throws NativeException {
    int flags = Descriptors.O_RDWR | Descriptors.O_NONBLOCK | Descriptors.O_CLOEXEC;
    int descriptor = Descriptors.open(CLONE_DEVICE, flags);
    if (Errno.ENOENT.is(descriptor) || Errno.ENODEV.is(descriptor)) {
      throw new NativeException("open(/dev/net/tun)", -descriptor, "modprobe tun");
    }
    NativeException.check(descriptor, "open(/dev/net/tun)");
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment request = arena.allocate(IFREQ_BYTES, 8);
      byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
      MemorySegment.copy(bytes, 0, request, ValueLayout.JAVA_BYTE, 0, bytes.length);
      request.set(ValueLayout.JAVA_SHORT, IFREQ_VALUE, (short) (IFF_TAP | IFF_NO_PI));
      int made = Descriptors.ioctl(descriptor, TUNSETIFF, request.address());
      if (made < 0) {
        Descriptors.close(descriptor);
      }
      NativeException.check(made, "tap device " + name);
    }
    return new TapDevice(name, descriptor);
  }

  /** The interface's name. */
  public String name() {
    return name;
  }

  /**
   * Lets a frame come in.
   *
   * @param frame from its Ethernet header on
   * @throws NativeException EIO while the interface is down
   */
  public void write(byte[] frame) throws NativeException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment room = arena.allocateFrom(ValueLayout.JAVA_BYTE, frame);
      long written = Descriptors.write(descriptor, room.address(), frame.length);
      NativeException.check((int) written, "write to " + name);
    }
  }

  /** Ends the interface; once only. */
  @Override
  public void close() {
    Descriptors.close(descriptor);
  }
}

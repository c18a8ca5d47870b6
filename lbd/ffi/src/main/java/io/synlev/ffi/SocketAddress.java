package io.synlev.ffi;

import io.synlev.memory.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;

/**
 * A struct sockaddr_in or sockaddr_in6, ip(7) and ipv6(7), in native memory. Immutable.
 *
 * <pre>
 *   offset  sockaddr_in            sockaddr_in6
 *        0  family, 2 bytes        family
 *        2  port, network order    port
 *        4  address, 4 bytes       flow label, 4 bytes
 *        8  zero                   address, 16 bytes
 *       24                         scope, 4 bytes
 * </pre>
 */
public final class SocketAddress {
  /** ip(7). */
  public static final int AF_INET = 2;

  /** ipv6(7). */
  public static final int AF_INET6 = 10;

  private static final int IPV4_BYTES = 16;
  private static final int IPV6_BYTES = 28;

  private final MemorySegment segment;
  private final boolean ipv6;

  /**
   * Makes one that lives as long as it is reachable.
   *
   * @param port 0 to 65535
   */
  public SocketAddress(InetAddress address, int port) {
    byte[] bytes = address.getAddress();
    ipv6 = bytes.length != 4;
    segment = Arena.ofAuto().allocate(ipv6 ? IPV6_BYTES : IPV4_BYTES, 8);
    long at = segment.address();
    Memory.putShort(at, (short) family());
    Memory.putShortBe(at + 2, (short) port);
    MemorySegment.copy(MemorySegment.ofArray(bytes), 0, segment, ipv6 ? 8 : 4, bytes.length);
  }

  /** Which family. */
  public boolean isIpv6() {
    return ipv6;
  }

  /** {@link #AF_INET} or {@link #AF_INET6}. */
  public int family() {
    return ipv6 ? AF_INET6 : AF_INET;
  }

  long at() {
    return segment.address();
  }

  long bytes() {
    return segment.byteSize();
  }
}

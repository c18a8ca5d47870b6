package io.synlev.ffi;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;

/**
 * Socket calls of libc. Each returns what socket(2), send(2) and so on return, or a negative errno;
 * none throws. Buffers are native addresses. Any thread may call.
 */
public final class Sockets {

  /** socket(2), include/linux/socket.h. */
  public static final int AF_UNIX = 1;

  /** netlink(7). */
  public static final int AF_NETLINK = 16;

  /** socket(2), include/linux/net.h. */
  public static final int SOCK_STREAM = 1;

  /** socket(2), include/linux/net.h. */
  public static final int SOCK_DGRAM = 2;

  /** unix(7): connected, keeps the bounds of messages, and tells when the other end is gone. */
  public static final int SOCK_SEQPACKET = 5;

  /** netlink(7) takes either type. */
  public static final int SOCK_RAW = 3;

  /** The descriptor is not inherited through execve(2). */
  public static final int SOCK_CLOEXEC = 0x80000;

  /** Calls on the descriptor do not block. */
  public static final int SOCK_NONBLOCK = 0x800;

  /** ip(7) and tcp(7), include/uapi/linux/in.h. */
  public static final int IPPROTO_TCP = 6;

  /** tcp(7): whether segments are acknowledged at once. */
  public static final int TCP_QUICKACK = 12;

  /** ip(7) and icmp(7), include/uapi/linux/in.h. */
  public static final int IPPROTO_ICMP = 1;

  /** include/uapi/linux/in6.h. */
  public static final int IPPROTO_ICMPV6 = 58;

  /** recv(2): do not block this once. */
  public static final int MSG_DONTWAIT = 0x40;

  /** recv(2): in a result, the datagram was longer than the buffer. */
  public static final int MSG_TRUNC = 0x20;

  /** send(2): EPIPE instead of a signal. */
  public static final int MSG_NOSIGNAL = 0x4000;

  /** recvmmsg(2): wait for the first datagram only. */
  public static final int MSG_WAITFORONE = 0x10000;

  /** socket(7), include/uapi/asm-generic/socket.h. */
  public static final int SOL_SOCKET = 1;

  /** The error that waits at a socket; reading takes it. */
  public static final int SO_ERROR = 4;

  /** What close(2) does with a connection: struct linger. */
  public static final int SO_LINGER = 13;

  /** The mark of all its packets; needs CAP_NET_ADMIN. */
  public static final int SO_MARK = 36;

  /** Send buffer in bytes; the kernel doubles what is set and reports the double. */
  public static final int SO_SNDBUF = 7;

  /** Receive buffer in bytes; the kernel doubles what is set and reports the double. */
  public static final int SO_RCVBUF = 8;

  /** As {@link #SO_RCVBUF} above the sysctl net.core.rmem_max; needs CAP_NET_ADMIN. */
  public static final int SO_RCVBUFFORCE = 33;

  /** poll(2): there is something to read. */
  public static final short POLLIN = 1;

  private Sockets() {}

  private static final NativeFunction SOCKET = Native.libc("socket");
  private static final NativeFunction SOCKETPAIR = Native.libc("socketpair");
  private static final NativeFunction BIND = Native.libc("bind");
  private static final NativeFunction CONNECT = Native.libc("connect");
  private static final NativeFunction CLOSE = Native.libc("close");
  private static final NativeFunction SEND = Native.libc("send");
  private static final NativeFunction RECV = Native.libc("recv");
  private static final NativeFunction RECVMMSG = Native.libc("recvmmsg");
  private static final NativeFunction SETSOCKOPT = Native.libc("setsockopt");
  private static final NativeFunction GETSOCKOPT = Native.libc("getsockopt");
  private static final NativeFunction POLL = Native.libc("poll");

  /** socket(2): a descriptor, or a negative errno. */
  public static int socket(int domain, int type, int protocol) {
    return SOCKET.call(domain, type, protocol, 0);
  }

  /**
   * socketpair(2).
   *
   * @param descriptors takes the two descriptors
   */
  public static int socketPair(int domain, int type, int[] descriptors) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment pair = arena.allocate(JAVA_INT, 2);
      int result = SOCKETPAIR.call(domain, type, 0, pair.address());
      descriptors[0] = pair.getAtIndex(JAVA_INT, 0);
      descriptors[1] = pair.getAtIndex(JAVA_INT, 1);
      return result;
    }
  }

  /**
   * bind(2) of an {@link #AF_NETLINK} socket to a port id that the kernel chooses.
   *
   * @param groups multicast groups, a bit each; netlink(7)
   */
  public static int bindNetlink(int descriptor, int groups) {
    try (Arena arena = Arena.ofConfined()) {
      // struct sockaddr_nl: u16 family, u16 padding, u32 port id, u32 groups
      MemorySegment address = arena.allocate(JAVA_INT, 3);
      address.set(JAVA_SHORT, 0, (short) AF_NETLINK);
      address.setAtIndex(JAVA_INT, 2, groups);
      return BIND.call(descriptor, address.address(), address.byteSize(), 0);
    }
  }

  /** connect(2): 0, or a negative errno; EINPROGRESS while a connection is being made. */
  public static int connect(int descriptor, SocketAddress to) {
    int result = CONNECT.call(descriptor, to.at(), to.bytes(), 0);
    Reference.reachabilityFence(to);
    return result;
  }

  /** close(2). The descriptor is gone even after an error: never close it again. */
  public static int close(int descriptor) {
    return CLOSE.call(descriptor, 0, 0, 0);
  }

  /** send(2): bytes sent, or a negative errno. */
  public static long send(int descriptor, long address, long length, int flags) {
    return SEND.callLong(descriptor, address, length, flags, 0, 0);
  }

  /** recv(2): bytes received, or a negative errno. */
  public static long receive(int descriptor, long address, long length, int flags) {
    return RECV.callLong(descriptor, address, length, flags, 0, 0);
  }

  /**
   * recvmmsg(2) without its timeout, which is checked only after a datagram.
   *
   * @param vector address of {@code count} mmsghdr structures; see {@link DatagramBatch}
   * @return datagrams received, or a negative errno
   */
  static int receiveMany(int descriptor, long vector, int count, int flags) {
    return RECVMMSG.call(descriptor, vector, count, flags, 0, 0);
  }

  /** setsockopt(2) of an int. */
  public static int setOption(int descriptor, int level, int option, int value) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment room = arena.allocateFrom(JAVA_INT, value);
      return SETSOCKOPT.call(descriptor, level, option, room.address(), 4, 0);
    }
  }

  /**
   * setsockopt(2) of what stands in memory; allocates nothing.
   *
   * @param address of the value
   * @param bytes its length
   */
  public static int setOption(int descriptor, int level, int option, long address, int bytes) {
    return SETSOCKOPT.call(descriptor, level, option, address, bytes, 0);
  }

  /** getsockopt(2) of an int that is never negative: its value, or a negative errno. */
  public static int getOption(int descriptor, int level, int option) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = arena.allocate(JAVA_INT, 2);
      value.setAtIndex(JAVA_INT, 1, 4); // socklen_t, in and out
      long length = value.address() + 4;
      int result = GETSOCKOPT.call(descriptor, level, option, value.address(), length, 0);
      return result < 0 ? result : value.get(JAVA_INT, 0);
    }
  }

  /**
   * poll(2) for one descriptor to become readable.
   *
   * @param timeoutMillis how long to wait; 0 not at all, negative for ever
   * @return 1 when there is something to read (data, end or an error), 0 after the timeout, or a
   *     negative errno
   */
  public static int pollIn(int descriptor, int timeoutMillis) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment pollfd = arena.allocate(JAVA_INT, 2); // struct pollfd: fd, events, revents
      pollfd.setAtIndex(JAVA_INT, 0, descriptor);
      pollfd.set(JAVA_SHORT, 4, POLLIN);
      return POLL.call(pollfd.address(), 1, timeoutMillis, 0);
    }
  }
}

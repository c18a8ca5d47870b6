package io.synlev.ffi;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

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
  public static final int SOCK_DGRAM = 2;

  /** netlink(7) takes either type. */
  public static final int SOCK_RAW = 3;

  /** The descriptor is not inherited through execve(2). */
  public static final int SOCK_CLOEXEC = 0x80000;

  /** recv(2): do not block this once. */
  public static final int MSG_DONTWAIT = 0x40;

  /** recv(2): in a result, the datagram was longer than the buffer. */
  public static final int MSG_TRUNC = 0x20;

  /** recvmmsg(2): wait for the first datagram only. */
  public static final int MSG_WAITFORONE = 0x10000;

  /** socket(7), include/uapi/asm-generic/socket.h. */
  public static final int SOL_SOCKET = 1;

  /** Send buffer in bytes; the kernel doubles what is set and reports the double. */
  public static final int SO_SNDBUF = 7;

  /** Receive buffer in bytes; the kernel doubles what is set and reports the double. */
  public static final int SO_RCVBUF = 8;

  /** As {@link #SO_RCVBUF} above the sysctl net.core.rmem_max; needs CAP_NET_ADMIN. */
  public static final int SO_RCVBUFFORCE = 33;

  /** poll(2): there is something to read. */
  public static final short POLLIN = 1;

  private Sockets() {}

  // Nested holders: each call is linked when it is first used, which keeps the start short.

  private static final class Socket {
    static final MethodHandle CALL = Native.libc("socket", "iiii");
  }

  private static final class SocketPair {
    static final MethodHandle CALL = Native.libc("socketpair", "iiiil");
  }

  private static final class Close {
    static final MethodHandle CALL = Native.libc("close", "ii");
  }

  private static final class Send {
    static final MethodHandle CALL = Native.libc("send", "lilli");
  }

  private static final class Receive {
    static final MethodHandle CALL = Native.libc("recv", "lilli");
  }

  private static final class ReceiveMany {
    static final MethodHandle CALL = Native.libc("recvmmsg", "iiliil");
  }

  private static final class SetOption {
    static final MethodHandle CALL = Native.libc("setsockopt", "iiiili");
  }

  private static final class GetOption {
    static final MethodHandle CALL = Native.libc("getsockopt", "iiiill");
  }

  private static final class Poll {
    static final MethodHandle CALL = Native.libc("poll", "illi");
  }

  /** socket(2): a descriptor, or a negative errno. */
  public static int socket(int domain, int type, int protocol) {
    MemorySegment state = Native.errnoState();
    try {
      return Native.result((int) Socket.CALL.invokeExact(state, domain, type, protocol), state);
    } catch (Throwable t) {
      throw Native.unexpected(t);
    }
  }

  /**
   * socketpair(2).
   *
   * @param descriptors takes the two descriptors
   */
  public static int socketPair(int domain, int type, int[] descriptors) {
    MemorySegment state = Native.errnoState();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment pair = arena.allocate(JAVA_INT, 2);
      int result = (int) SocketPair.CALL.invokeExact(state, domain, type, 0, pair.address());
      descriptors[0] = pair.getAtIndex(JAVA_INT, 0);
      descriptors[1] = pair.getAtIndex(JAVA_INT, 1);
      return Native.result(result, state);
    } catch (Throwable t) {
      throw Native.unexpected(t);
    }
  }

  /** close(2). The descriptor is gone even after an error: never close it again. */
  public static int close(int descriptor) {
    MemorySegment state = Native.errnoState();
    try {
      return Native.result((int) Close.CALL.invokeExact(state, descriptor), state);
    } catch (Throwable t) {
      throw Native.unexpected(t);
    }
  }

  /** send(2): bytes sent, or a negative errno. */
  public static long send(int descriptor, long address, long length, int flags) {
    MemorySegment state = Native.errnoState();
    try {
      long sent = (long) Send.CALL.invokeExact(state, descriptor, address, length, flags);
      return Native.result(sent, state);
    } catch (Throwable t) {
      throw Native.unexpected(t);
    }
  }

  /** recv(2): bytes received, or a negative errno. */
  public static long receive(int descriptor, long address, long length, int flags) {
    MemorySegment state = Native.errnoState();
    try {
      long received = (long) Receive.CALL.invokeExact(state, descriptor, address, length, flags);
      return Native.result(received, state);
    } catch (Throwable t) {
      throw Native.unexpected(t);
    }
  }

  /**
   * recvmmsg(2) without its timeout, which is checked only after a datagram.
   *
   * @param vector address of {@code count} mmsghdr structures; see {@link DatagramBatch}
   * @return datagrams received, or a negative errno
   */
  static int receiveMany(int descriptor, long vector, int count, int flags) {
    MemorySegment state = Native.errnoState();
    try {
      int received =
          (int) ReceiveMany.CALL.invokeExact(state, descriptor, vector, count, flags, 0L);
      return Native.result(received, state);
    } catch (Throwable t) {
      throw Native.unexpected(t);
    }
  }

  /** setsockopt(2) of an int. */
  public static int setOption(int descriptor, int level, int option, int value) {
    MemorySegment state = Native.errnoState();
    try (Arena arena = Arena.ofConfined()) {
      long address = arena.allocateFrom(JAVA_INT, value).address();
      int result = (int) SetOption.CALL.invokeExact(state, descriptor, level, option, address, 4);
      return Native.result(result, state);
    } catch (Throwable t) {
      throw Native.unexpected(t);
    }
  }

  /** getsockopt(2) of an int that is never negative: its value, or a negative errno. */
  public static int getOption(int descriptor, int level, int option) {
    MemorySegment state = Native.errnoState();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = arena.allocate(JAVA_INT, 2);
      MemorySegment length = value.asSlice(4, 4);
      length.set(JAVA_INT, 0, 4);
      int result =
          (int)
              GetOption.CALL.invokeExact(
                  state, descriptor, level, option, value.address(), length.address());
      return result < 0 ? -Native.errno(state) : value.get(JAVA_INT, 0);
    } catch (Throwable t) {
      throw Native.unexpected(t);
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
    MemorySegment state = Native.errnoState();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment pollfd = arena.allocate(JAVA_INT, 2); // struct pollfd: fd, events, revents
      pollfd.setAtIndex(JAVA_INT, 0, descriptor);
      pollfd.set(JAVA_SHORT, 4, POLLIN);
      int ready = (int) Poll.CALL.invokeExact(state, pollfd.address(), 1L, timeoutMillis);
      return Native.result(ready, state);
    } catch (Throwable t) {
      throw Native.unexpected(t);
    }
  }
}

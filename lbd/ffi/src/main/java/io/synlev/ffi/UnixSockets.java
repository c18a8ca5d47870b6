package io.synlev.ffi;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Calls that only Unix sockets know: addresses that are files or names, descriptors on the way
 * (unix(7), cmsg(3)). Each returns what the call returns, or a negative errno; none throws. Any
 * thread may call.
 *
 * <pre>
 *   struct msghdr (56 bytes)                struct cmsghdr, its data behind it
 *   +------------------------------------+  +---------------------------------------+
 *   | 0 name  8 namelen  16 iov 24 iovlen|  | 0 length  8 level  12 type  16 int x n|
 *   | 32 control  40 controllen  48 flags|  +---------------------------------------+
 *   +------------------------------------+
 * </pre>
 */
final class UnixSockets {

  /** The most descriptors of one message; include/net/scm.h. */
  static final int MOST_DESCRIPTORS = 253;

  /** struct sockaddr_un: u16 family, then 108 bytes of path that end with a NUL. */
  private static final int ADDRESS_BYTES = 110;

  private static final int LONGEST_PATH = 107;

  /** An abstract name follows a NUL. */
  private static final int NAME_OFFSET = 3;

  private static final int SO_PEERCRED = 17;
  private static final int SCM_RIGHTS = 1;
  private static final int MSG_NOSIGNAL = 0x4000;
  private static final int MSG_CMSG_CLOEXEC = 0x4000_0000;

  private static final int MSGHDR_BYTES = 56;
  private static final int IOV_OFFSET = 16;
  private static final int IOVLEN_OFFSET = 24;
  private static final int CONTROL_OFFSET = 32;
  private static final int CONTROLLEN_OFFSET = 40;
  private static final int CMSG_LEVEL_OFFSET = 8;
  private static final int CMSG_TYPE_OFFSET = 12;
  private static final int CMSG_DATA_OFFSET = 16;

  private static final NativeFunction BIND = Native.libc("bind");
  private static final NativeFunction LISTEN = Native.libc("listen");
  private static final NativeFunction ACCEPT = Native.libc("accept4");
  private static final NativeFunction CONNECT = Native.libc("connect");
  private static final NativeFunction SENDMSG = Native.libc("sendmsg");
  private static final NativeFunction RECVMSG = Native.libc("recvmsg");
  private static final NativeFunction GETSOCKOPT = Native.libc("getsockopt");

  private UnixSockets() {}

  /** bind(2), which makes the file, and listen(2). */
  static int listen(int descriptor, Path file, int backlog) {
    try (Arena arena = Arena.ofConfined()) {
      int bound = BIND.call(descriptor, address(arena, file), ADDRESS_BYTES, 0);
      return bound < 0 ? bound : LISTEN.call(descriptor, backlog, 0, 0);
    }
  }

  /**
   * bind(2) to an abstract name, which is as long as its address says.
   *
   * @param name ASCII, at most {@value #LONGEST_PATH} characters
   */
  static int bindName(int descriptor, String name) {
    byte[] ascii = name.getBytes(StandardCharsets.US_ASCII);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment address = arena.allocate(ADDRESS_BYTES, 8);
      address.set(JAVA_SHORT, 0, (short) Sockets.AF_UNIX);
      MemorySegment.copy(ascii, 0, address, ValueLayout.JAVA_BYTE, NAME_OFFSET, ascii.length);
      return BIND.call(descriptor, address.address(), NAME_OFFSET + ascii.length, 0);
    }
  }

  /** accept4(2) of a descriptor that is not inherited. */
  static int accept(int descriptor) {
    return ACCEPT.call(descriptor, 0, 0, Sockets.SOCK_CLOEXEC);
  }

  /** connect(2). */
  static int connect(int descriptor, Path file) {
    try (Arena arena = Arena.ofConfined()) {
      return CONNECT.call(descriptor, address(arena, file), ADDRESS_BYTES, 0);
    }
  }

  private static long address(Arena arena, Path file) {
    byte[] path = file.toString().getBytes(StandardCharsets.UTF_8);
    if (path.length > LONGEST_PATH) {
      throw new IllegalArgumentException(
          file + " has " + path.length + " bytes, and a socket's path may have " + LONGEST_PATH);
    }
    MemorySegment address = arena.allocate(ADDRESS_BYTES, 8);
    address.set(JAVA_SHORT, 0, (short) Sockets.AF_UNIX);
    MemorySegment.copy(path, 0, address, ValueLayout.JAVA_BYTE, 2, path.length);
    return address.address();
  }

  /**
   * The user id of the other end: of who connected, or of who called listen(2).
   *
   * @return an id, which may look negative, or {@code Long.MIN_VALUE} when the kernel says none
   */
  static long peerUid(int descriptor) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment ucred = arena.allocate(JAVA_INT, 3); // pid, uid, gid
      MemorySegment length = arena.allocateFrom(JAVA_INT, 12);
      int result =
          GETSOCKOPT.call(
              descriptor, Sockets.SOL_SOCKET, SO_PEERCRED, ucred.address(), length.address(), 0);
      return result < 0 ? Long.MIN_VALUE : ucred.getAtIndex(JAVA_INT, 1);
    }
  }

  /** sendmsg(2) of a message with descriptors, which may be none: bytes sent. */
  static long send(int descriptor, byte[] message, int[] descriptors) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocateFrom(ValueLayout.JAVA_BYTE, message);
      MemorySegment control = control(arena, descriptors.length);
      MemorySegment header = header(arena, bytes, descriptors.length == 0 ? null : control);
      if (descriptors.length > 0) {
        long length = CMSG_DATA_OFFSET + (long) Integer.BYTES * descriptors.length;
        control.set(JAVA_LONG, 0, length);
        control.set(JAVA_INT, CMSG_LEVEL_OFFSET, Sockets.SOL_SOCKET);
        control.set(JAVA_INT, CMSG_TYPE_OFFSET, SCM_RIGHTS);
        MemorySegment.copy(descriptors, 0, control, JAVA_INT, CMSG_DATA_OFFSET, descriptors.length);
      }
      return SENDMSG.callLong(descriptor, header.address(), MSG_NOSIGNAL, 0, 0, 0);
    }
  }

  /**
   * recvmsg(2) of a message whose descriptors are not inherited.
   *
   * @param room as long as messages may be
   * @param descriptors takes those that came; the rest becomes -1
   * @return bytes received, 0 at the end of the connection
   */
  static long receive(int descriptor, byte[] room, int[] descriptors) {
    java.util.Arrays.fill(descriptors, -1);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(Math.max(room.length, 1));
      MemorySegment control = control(arena, descriptors.length);
      MemorySegment header = header(arena, bytes, control);
      long got = RECVMSG.callLong(descriptor, header.address(), MSG_CMSG_CLOEXEC, 0, 0, 0);
      if (got <= 0) {
        return got;
      }
      MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, 0, room, 0, (int) got);
      if (header.get(JAVA_LONG, CONTROLLEN_OFFSET) >= CMSG_DATA_OFFSET
          && control.get(JAVA_INT, CMSG_TYPE_OFFSET) == SCM_RIGHTS) {
        int count = (int) (control.get(JAVA_LONG, 0) - CMSG_DATA_OFFSET) / Integer.BYTES;
        MemorySegment.copy(control, JAVA_INT, CMSG_DATA_OFFSET, descriptors, 0, count);
      }
      return got;
    }
  }

  private static MemorySegment control(Arena arena, int descriptors) {
    long data = Math.ceilDiv((long) Integer.BYTES * descriptors, Long.BYTES) * Long.BYTES;
    return arena.allocate(CMSG_DATA_OFFSET + data, 8);
  }

  private static MemorySegment header(Arena arena, MemorySegment bytes, MemorySegment control) {
    MemorySegment iovec = arena.allocate(JAVA_LONG, 2);
    iovec.setAtIndex(JAVA_LONG, 0, bytes.address());
    iovec.setAtIndex(JAVA_LONG, 1, bytes.byteSize());
    MemorySegment header = arena.allocate(MSGHDR_BYTES, 8);
    header.set(JAVA_LONG, IOV_OFFSET, iovec.address());
    header.set(JAVA_LONG, IOVLEN_OFFSET, 1);
    if (control != null) {
      header.set(JAVA_LONG, CONTROL_OFFSET, control.address());
      header.set(JAVA_LONG, CONTROLLEN_OFFSET, control.byteSize());
    }
    return header;
  }
}

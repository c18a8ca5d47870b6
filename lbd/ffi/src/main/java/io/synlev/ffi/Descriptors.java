package io.synlev.ffi;

import java.lang.foreign.Arena;
import java.nio.file.Path;

/**
 * Calls on file descriptors that are no sockets: open(2), pread(2), write(2), ioctl(2). Each
 * returns what the call returns, or a negative errno; none throws. Any thread may call.
 */
public final class Descriptors {

  /** open(2), include/uapi/asm-generic/fcntl.h: for reading. */
  public static final int O_RDONLY = 0;

  /** open(2): for reading and writing. */
  public static final int O_RDWR = 2;

  /** open(2): calls that would wait fail with EAGAIN instead. */
  public static final int O_NONBLOCK = 0x800;

  /** open(2): not inherited through execve(2). */
  public static final int O_CLOEXEC = 0x80000;

  private static final NativeFunction OPEN = Native.libc("open");
  private static final NativeFunction PREAD = Native.libc("pread");
  private static final NativeFunction READ = Native.libc("read");
  private static final NativeFunction WRITE = Native.libc("write");
  private static final NativeFunction IOCTL = Native.libc("ioctl");

  private Descriptors() {}

  /** open(2) of what exists: a descriptor, or a negative errno. Close it with {@link #close}. */
  public static int open(Path file, int flags) {
    try (Arena arena = Arena.ofConfined()) {
      return OPEN.call(arena.allocateFrom(file.toString()).address(), flags, 0, 0);
    }
  }

  /** pread(2): bytes read, 0 at the end, or a negative errno. */
  public static long read(int descriptor, long address, long length, long offset) {
    return PREAD.callLong(descriptor, address, length, offset, 0, 0);
  }

  /** read(2): bytes read, 0 at the end, or a negative errno. */
  public static long take(int descriptor, long address, long length) {
    return READ.callLong(descriptor, address, length, 0, 0, 0);
  }

  /** write(2): bytes written, or a negative errno. */
  public static long write(int descriptor, long address, long length) {
    return WRITE.callLong(descriptor, address, length, 0, 0, 0);
  }

  /** ioctl(2) with the address of a structure that the request tells. */
  public static int ioctl(int descriptor, int request, long address) {
    return IOCTL.call(descriptor, request & 0xffff_ffffL, address, 0);
  }

  /** close(2). The descriptor is gone even after an error: never close it again. */
  public static int close(int descriptor) {
    return Sockets.close(descriptor);
  }
}

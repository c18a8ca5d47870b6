package io.synlev.ffi;

/** Anonymous memory pages: mmap(2), mprotect(2), munmap(2). Any thread may call. */
public final class Pages {

  private static final int PROT_NONE = 0;
  private static final int PROT_READ_WRITE = 3;
  private static final int PROT_READ_EXECUTE = 5;
  private static final int MAP_PRIVATE_ANONYMOUS = 0x22;
  private static final int MAP_SHARED = 1;
  private static final int NO_FILE = -1;

  private static final NativeFunction MMAP = Native.libc("mmap");
  private static final NativeFunction MPROTECT = Native.libc("mprotect");
  private static final NativeFunction MUNMAP = Native.libc("munmap");
  private static final NativeFunction GETPAGESIZE = Native.libc("getpagesize");

  private Pages() {}

  /** Bytes of a page; getpagesize(2). */
  public static int pageBytes() {
    return GETPAGESIZE.plain(0, 0, 0, 0);
  }

  /** Readable, writable zeroed memory at a page's start: its address, or a negative errno. */
  public static long map(long bytes) {
    return MMAP.callLong(0, bytes, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, NO_FILE, 0);
  }

  /**
   * The first bytes of a file, or of what acts as one, shared with whoever else maps it: the
   * address, or a negative errno.
   */
  public static long mapShared(int descriptor, long bytes) {
    return MMAP.callLong(0, bytes, PROT_READ_WRITE, MAP_SHARED, descriptor, 0);
  }

  /** Forbids any access to whole pages: 0, or a negative errno. */
  public static int forbid(long address, long bytes) {
    return MPROTECT.call(address, bytes, PROT_NONE, 0);
  }

  /** Allows whole pages to be executed and no more to be written: 0, or a negative errno. */
  public static int makeExecutable(long address, long bytes) {
    return MPROTECT.call(address, bytes, PROT_READ_EXECUTE, 0);
  }

  /** Gives pages back: 0, or a negative errno. */
  public static int unmap(long address, long bytes) {
    return MUNMAP.call(address, bytes, 0, 0);
  }
}

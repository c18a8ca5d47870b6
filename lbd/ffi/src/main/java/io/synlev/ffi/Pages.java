package io.synlev.ffi;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Anonymous memory pages: mmap(2), mprotect(2), munmap(2). Any thread may call. */
public final class Pages {

  /** Bytes of a page; x86-64 has no other. getpagesize(2) tells on other machines. */
  public static final int PAGE_BYTES = 4096;

  static final int PROT_NONE = 0;
  static final int PROT_READ_WRITE = 3;
  private static final int MAP_PRIVATE_ANONYMOUS = 0x22;

  private static final MethodHandle MMAP = Native.libc("mmap", "llliiil");
  private static final MethodHandle MPROTECT = Native.libc("mprotect", "illi");
  private static final MethodHandle MUNMAP = Native.libc("munmap", "ill");

  private Pages() {}

  /** Readable, writable zeroed memory at a page's start: its address, or a negative errno. */
  static long map(long bytes) {
    MemorySegment state = Native.errnoState();
    try {
      long address =
          (long) MMAP.invokeExact(state, 0L, bytes, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0L);
      return Native.result(address, state);
    } catch (Throwable t) {
      throw Native.unexpected(t);
    }
  }

  /** Changes what may be done with whole pages: 0, or a negative errno. */
  static int protect(long address, long bytes, int protection) {
    MemorySegment state = Native.errnoState();
    try {
      return Native.result((int) MPROTECT.invokeExact(state, address, bytes, protection), state);
    } catch (Throwable t) {
      throw Native.unexpected(t);
    }
  }

  /** Gives pages back: 0, or a negative errno. */
  static int unmap(long address, long bytes) {
    MemorySegment state = Native.errnoState();
    try {
      return Native.result((int) MUNMAP.invokeExact(state, address, bytes), state);
    } catch (Throwable t) {
      throw Native.unexpected(t);
    }
  }
}

package io.synlev.ffi;

import java.lang.foreign.Arena;

/** Network interfaces of the calling thread's network namespace. Any thread may call. */
public final class Interfaces {

  private static final NativeFunction IF_NAMETOINDEX = Native.libc("if_nametoindex");

  private Interfaces() {}

  /**
   * The index of an interface now, if_nametoindex(3). One that is made again gets another.
   *
   * @return 1 or more, or 0 when there is no interface of that name
   */
  public static int index(String name) {
    try (Arena arena = Arena.ofConfined()) {
      return Math.max(0, IF_NAMETOINDEX.call(arena.allocateFrom(name).address(), 0, 0, 0));
    }
  }
}

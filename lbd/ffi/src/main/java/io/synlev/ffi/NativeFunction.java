package io.synlev.ffi;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * A linked native function of up to six integer or pointer arguments; those it has not are 0.
 *
 * <p>Kept in a static final field it costs what the bare handle costs: the compiler trusts a
 * record's fields. Calls neither allocate nor throw once compiled. Any thread may call.
 *
 * @param name the symbol, for messages
 * @param handle takes room for errno and six longs
 */
public record NativeFunction(String name, MethodHandle handle) {

  /** For a function without a result. */
  public void run(long a, long b, long c, long d) {
    MemorySegment state = Native.errnoState();
    try {
      long ignored = (long) handle.invokeExact(state, a, b, c, d, 0L, 0L);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** For a function that returns a pointer: the pointer, or a negative errno instead of null. */
  public long pointer(long a, long b, long c, long d) {
    MemorySegment state = Native.errnoState();
    try {
      long result = (long) handle.invokeExact(state, a, b, c, d, 0L, 0L);
      return result == 0 ? -Native.errno(state) : result;
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** For a function that returns an int which may have any value. */
  public int plain(long a, long b, long c, long d) {
    MemorySegment state = Native.errnoState();
    try {
      return (int) (long) handle.invokeExact(state, a, b, c, d, 0L, 0L);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** As the other {@code plain}, for up to six arguments. */
  public int plain(long a, long b, long c, long d, long e, long f) {
    MemorySegment state = Native.errnoState();
    try {
      return (int) (long) handle.invokeExact(state, a, b, c, d, e, f);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** For a function that returns an int, negative on failure: the int, or a negative errno. */
  public int call(long a, long b, long c, long d, long e, long f) {
    MemorySegment state = Native.errnoState();
    try {
      int result = (int) (long) handle.invokeExact(state, a, b, c, d, e, f);
      return result < 0 ? -Native.errno(state) : result;
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** As the other {@code call}, for up to four arguments. */
  public int call(long a, long b, long c, long d) {
    return call(a, b, c, d, 0, 0);
  }

  /** For a function that returns a long, negative on failure: the long, or a negative errno. */
  public long callLong(long a, long b, long c, long d, long e, long f) {
    MemorySegment state = Native.errnoState();
    try {
      long result = (long) handle.invokeExact(state, a, b, c, d, e, f);
      return result < 0 ? -Native.errno(state) : result;
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  private static AssertionError unexpected(Throwable thrown) {
    if (thrown instanceof Error error) {
      throw error;
    }
    return new AssertionError("a native call threw", thrown);
  }
}

package io.synlev.ffi;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;

/**
 * Links native functions; the one place that uses the linker.
 *
 * <p>Every function is linked with the same shape, six longs in and one out, because the linker
 * takes about 9 ms to make code for each new shape and 0.1 ms for one it knows. The System V ABI of
 * x86-64 and AAPCS64 allow it for functions of up to six integers and pointers: each travels in a
 * register of its own, a callee ignores upper halves and registers it has no parameter for, and the
 * upper half of an int result is undefined, so it is cut off. Structures by value, floating point
 * and variadic functions other than with integers are out.
 */
final class Native {

  private static final Linker LINKER = Linker.nativeLinker();

  private static final Linker.Option CAPTURE_ERRNO = Linker.Option.captureCallState("errno");

  private static final FunctionDescriptor SHAPE =
      FunctionDescriptor.of(
          JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);

  private static final long ERRNO_OFFSET =
      Linker.Option.captureStateLayout().byteOffset(MemoryLayout.PathElement.groupElement("errno"));

  /** Freed when its thread and the garbage collector have gone by. */
  private static final ThreadLocal<MemorySegment> ERRNO_STATE =
      ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(Linker.Option.captureStateLayout()));

  private Native() {}

  /** Links a function of libc. */
  static NativeFunction libc(String name) {
    return link(LINKER.defaultLookup(), name);
  }

  /**
   * Links a function.
   *
   * @throws UnsatisfiedLinkError when there is no such symbol
   */
  @SuppressWarnings("restricted") // the one place of native linking
  static NativeFunction link(SymbolLookup lookup, String name) {
    MemorySegment symbol =
        lookup
            .find(name)
            .orElseThrow(() -> new UnsatisfiedLinkError("no native function named " + name));
    return new NativeFunction(name, LINKER.downcallHandle(symbol, SHAPE, CAPTURE_ERRNO));
  }

  /** The calling thread's room for errno. */
  static MemorySegment errnoState() {
    return ERRNO_STATE.get();
  }

  /** The errno that the last call left in {@code state}. */
  static int errno(MemorySegment state) {
    return state.get(JAVA_INT, ERRNO_OFFSET);
  }
}

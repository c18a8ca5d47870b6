package io.synlev.ffi;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Links native functions and captures their errno; the one place that uses the linker.
 *
 * <p>Pointers and {@code size_t} travel as {@code long}. A handle linked with errno takes {@link
 * #errnoState()} as an additional first argument. Any thread may call.
 */
public final class Native {

  private static final Linker LINKER = Linker.nativeLinker();

  private static final Linker.Option CAPTURE_ERRNO = Linker.Option.captureCallState("errno");

  private static final long ERRNO_OFFSET =
      Linker.Option.captureStateLayout().byteOffset(MemoryLayout.PathElement.groupElement("errno"));

  /** Freed when its thread and the garbage collector have gone by. */
  private static final ThreadLocal<MemorySegment> ERRNO_STATE =
      ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(Linker.Option.captureStateLayout()));

  private Native() {}

  /**
   * Links a function of libc.
   *
   * @param name the symbol
   * @param signature the result and then each argument: {@code v} void (result only), {@code b}
   *     byte, {@code s} short, {@code i} int, {@code l} long, size or pointer
   */
  static MethodHandle libc(String name, String signature) {
    return link(LINKER.defaultLookup(), name, signature, true);
  }

  /**
   * Links a function.
   *
   * @param lookup where the symbol is looked for
   * @param name the symbol
   * @param signature as for {@link #libc}
   * @param errno whether the handle takes {@link #errnoState()} first and leaves errno there
   * @throws UnsatisfiedLinkError when there is no such symbol
   */
  @SuppressWarnings("restricted") // the one place of native linking
  static MethodHandle link(SymbolLookup lookup, String name, String signature, boolean errno) {
    MemorySegment symbol =
        lookup
            .find(name)
            .orElseThrow(() -> new UnsatisfiedLinkError("no native function named " + name));
    FunctionDescriptor descriptor = descriptor(signature);
    return errno
        ? LINKER.downcallHandle(symbol, descriptor, CAPTURE_ERRNO)
        : LINKER.downcallHandle(symbol, descriptor);
  }

  private static FunctionDescriptor descriptor(String signature) {
    MemoryLayout[] arguments = new MemoryLayout[signature.length() - 1];
    for (int i = 0; i < arguments.length; i++) {
      arguments[i] = layout(signature.charAt(i + 1));
    }
    return signature.charAt(0) == 'v'
        ? FunctionDescriptor.ofVoid(arguments)
        : FunctionDescriptor.of(layout(signature.charAt(0)), arguments);
  }

  private static ValueLayout layout(char letter) {
    return switch (letter) {
      case 'b' -> JAVA_BYTE;
      case 's' -> JAVA_SHORT;
      case 'i' -> JAVA_INT;
      case 'l' -> JAVA_LONG;
      default -> throw new IllegalArgumentException("no native type for letter " + letter);
    };
  }

  /** The calling thread's room for errno, for handles linked with it. */
  public static MemorySegment errnoState() {
    return ERRNO_STATE.get();
  }

  /** The errno that the last call left in {@code state}. */
  public static int errno(MemorySegment state) {
    return state.get(JAVA_INT, ERRNO_OFFSET);
  }

  /** The result when it is not negative, otherwise the negative errno. */
  public static int result(int result, MemorySegment state) {
    return result < 0 ? -errno(state) : result;
  }

  /** The result when it is not negative, otherwise the negative errno. */
  public static long result(long result, MemorySegment state) {
    return result < 0 ? -errno(state) : result;
  }

  /** For the catch clause around {@code invokeExact}: linked functions throw nothing. */
  public static AssertionError unexpected(Throwable thrown) {
    if (thrown instanceof Error error) {
      throw error;
    }
    return new AssertionError("a native call threw", thrown);
  }
}

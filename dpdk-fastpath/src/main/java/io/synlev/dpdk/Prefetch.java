package io.synlev.dpdk;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.synlev.ffi.Pages;
import io.synlev.memory.Memory;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Begins to bring memory into the processor's first cache without waiting for it.
 *
 * <p>Java has no such instruction, and a load is no substitute: it holds up the work behind it. On
 * x86-64 nineteen bytes of machine code are put into a page that is made executable, as the virtual
 * machine does with what it compiles. On other processors, and where a page may not become
 * executable, memory is loaded instead: right, but slower.
 *
 * <p>Any thread may call. Hot: neither allocates nor throws.
 */
public final class Prefetch {

  /**
   * {@code void (long *addresses, int count)} by the System V ABI, which lets it spoil rax, rdi and
   * rsi.
   *
   * <pre>
   *        test %esi,%esi
   *        jle  end
   *   next: mov (%rdi),%rax
   *        prefetcht0 (%rax)
   *        add  $8,%rdi
   *        dec  %esi
   *        jne  next
   *   end: ret
   * </pre>
   */
  private static final byte[] CODE = {
    (byte) 0x85,
    (byte) 0xf6,
    0x7e,
    0x0e,
    0x48,
    (byte) 0x8b,
    0x07,
    0x0f,
    0x18,
    0x08,
    0x48,
    (byte) 0x83,
    (byte) 0xc7,
    0x08,
    (byte) 0xff,
    (byte) 0xce,
    0x75,
    (byte) 0xf2,
    (byte) 0xc3
  };

  /** Null where it is to be done by loads. */
  private static final MethodHandle CALL = link(place());

  /** Keeps loads that only bring memory near from being left out. */
  private static long loaded;

  private Prefetch() {}

  /** Where the code is, or a negative number. */
  private static long place() {
    if (!System.getProperty("os.arch").equals("amd64")) {
      return -1;
    }
    int bytes = Pages.pageBytes();
    long page = Pages.map(bytes);
    if (page < 0) {
      return page;
    }
    Memory.slice(page, CODE.length).copyFrom(MemorySegment.ofArray(CODE));
    if (Pages.makeExecutable(page, bytes) < 0) {
      Pages.unmap(page, bytes);
      return -1;
    }
    return page;
  }

  @SuppressWarnings("restricted") // the code above, which reads nothing but the addresses
  private static MethodHandle link(long place) {
    return place < 0
        ? null
        : Linker.nativeLinker()
            .downcallHandle(
                MemorySegment.ofAddress(place),
                FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_INT),
                Linker.Option.critical(false));
  }

  /**
   * Begins to bring cache lines near.
   *
   * @param addresses of readable bytes in them, 8 bytes each in the machine's order, one behind the
   *     other
   * @param count how many; nothing is done for 0 or less
   */
  public static void all(long addresses, int count) {
    if (CALL == null) {
      load(addresses, count);
      return;
    }
    try {
      CALL.invokeExact(addresses, count);
    } catch (Throwable t) {
      throw Calls.unexpected(t);
    }
  }

  /** Whether it is done without waiting. */
  static boolean isWithoutWaiting() {
    return CALL != null;
  }

  static void load(long addresses, int count) {
    long sum = 0;
    for (int i = 0; i < count; i++) {
      sum += Memory.getByte(Memory.getLong(addresses + 8L * i));
    }
    loaded = sum;
  }

  /** The machine code. */
  static byte[] code() {
    return CODE.clone();
  }
}

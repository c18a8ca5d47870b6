package io.synlev.memory;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_CHAR_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Reads and writes memory at native addresses, unchecked: a wrong address ends the process.
 *
 * <p>Whoever passes an address here has checked it against the bounds of what it belongs to and
 * keeps the owner of the memory reachable. Plain accesses need no alignment; ordered ones (acquire,
 * release, opaque, compare-and-set) need natural alignment and throw {@link
 * IllegalArgumentException} otherwise. Names that end in {@code Be} use network byte order, the
 * others the machine's. Any thread may call.
 *
 * <p>Hot code: exact VarHandles over one constant segment, and addresses masked to the 47 bits of
 * user space so that the compiler proves the bounds check away. Where several fields of one thing
 * are accessed, take the methods with base and offset: the base is masked once, and the offset, a
 * constant from 0 on, becomes a part of the instruction.
 */
public final class Memory {

  /** User space of x86-64 and of arm64 with 48-bit addresses ends below this. */
  private static final long ADDRESS_MASK = 0x7fff_ffff_ffffL;

  private static final MemorySegment ALL = all();

  private static final VarHandle BYTE = exact(JAVA_BYTE);
  private static final VarHandle SHORT = exact(JAVA_SHORT_UNALIGNED);
  private static final VarHandle CHAR = exact(JAVA_CHAR_UNALIGNED);
  private static final VarHandle INT = exact(JAVA_INT_UNALIGNED);
  private static final VarHandle LONG = exact(JAVA_LONG_UNALIGNED);
  private static final VarHandle SHORT_BE =
      exact(JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN));
  private static final VarHandle CHAR_BE =
      exact(JAVA_CHAR_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN));
  private static final VarHandle INT_BE = exact(JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN));
  private static final VarHandle LONG_BE =
      exact(JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN));
  private static final VarHandle ALIGNED_INT = exact(JAVA_INT);
  private static final VarHandle ALIGNED_LONG = exact(JAVA_LONG);

  private Memory() {}

  @SuppressWarnings("restricted") // the one segment over all memory; callers check their bounds
  private static MemorySegment all() {
    return MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
  }

  private static VarHandle exact(ValueLayout layout) {
    return layout.varHandle().withInvokeExactBehavior();
  }

  /** The {@code bytes} at an address as a segment, for bulk copies. */
  public static MemorySegment slice(long address, long bytes) {
    return ALL.asSlice(address & ADDRESS_MASK, bytes);
  }

  /** The byte at an address. */
  public static byte getByte(long address) {
    return (byte) BYTE.get(ALL, address & ADDRESS_MASK);
  }

  /** Stores a byte. */
  public static void putByte(long address, byte value) {
    BYTE.set(ALL, address & ADDRESS_MASK, value);
  }

  /** Stores a byte with release: earlier reads and writes of this thread stay before it. */
  public static void putByteRelease(long address, byte value) {
    BYTE.setRelease(ALL, address & ADDRESS_MASK, value);
  }

  /** Two bytes in the machine's order. */
  public static short getShort(long address) {
    return (short) SHORT.get(ALL, address & ADDRESS_MASK);
  }

  /** Stores two bytes in the machine's order. */
  public static void putShort(long address, short value) {
    SHORT.set(ALL, address & ADDRESS_MASK, value);
  }

  /** Four bytes in the machine's order. */
  public static int getInt(long address) {
    return (int) INT.get(ALL, address & ADDRESS_MASK);
  }

  /** Stores four bytes in the machine's order. */
  public static void putInt(long address, int value) {
    INT.set(ALL, address & ADDRESS_MASK, value);
  }

  /** Eight bytes in the machine's order. */
  public static long getLong(long address) {
    return (long) LONG.get(ALL, address & ADDRESS_MASK);
  }

  /** Stores eight bytes in the machine's order. */
  public static void putLong(long address, long value) {
    LONG.set(ALL, address & ADDRESS_MASK, value);
  }

  /** Two bytes in network order. */
  public static short getShortBe(long address) {
    return (short) SHORT_BE.get(ALL, address & ADDRESS_MASK);
  }

  /** Stores two bytes in network order. */
  public static void putShortBe(long address, short value) {
    SHORT_BE.set(ALL, address & ADDRESS_MASK, value);
  }

  /** Four bytes in network order. */
  public static int getIntBe(long address) {
    return (int) INT_BE.get(ALL, address & ADDRESS_MASK);
  }

  /** Stores four bytes in network order. */
  public static void putIntBe(long address, int value) {
    INT_BE.set(ALL, address & ADDRESS_MASK, value);
  }

  /** Eight bytes in network order. */
  public static long getLongBe(long address) {
    return (long) LONG_BE.get(ALL, address & ADDRESS_MASK);
  }

  /** Stores eight bytes in network order. */
  public static void putLongBe(long address, long value) {
    LONG_BE.set(ALL, address & ADDRESS_MASK, value);
  }

  /** The byte at an offset from 0 on, 0 to 255. */
  public static int getUnsignedByte(long base, int offset) {
    return (byte) BYTE.get(ALL, (base & ADDRESS_MASK) + offset) & 0xff;
  }

  /** Two bytes at an offset from 0 on in the machine's order, 0 to 65535. */
  public static int getUnsignedShort(long base, int offset) {
    return (char) CHAR.get(ALL, (base & ADDRESS_MASK) + offset);
  }

  /** Two bytes at an offset from 0 on in network order, 0 to 65535. */
  public static int getUnsignedShortBe(long base, int offset) {
    return (char) CHAR_BE.get(ALL, (base & ADDRESS_MASK) + offset);
  }

  /** Four bytes at an offset from 0 on in the machine's order. */
  public static int getInt(long base, int offset) {
    return (int) INT.get(ALL, (base & ADDRESS_MASK) + offset);
  }

  /** Four bytes at an offset from 0 on in network order. */
  public static int getIntBe(long base, int offset) {
    return (int) INT_BE.get(ALL, (base & ADDRESS_MASK) + offset);
  }

  /** Eight bytes at an offset from 0 on in the machine's order. */
  public static long getLong(long base, int offset) {
    return (long) LONG.get(ALL, (base & ADDRESS_MASK) + offset);
  }

  /** Eight bytes at an offset from 0 on in network order. */
  public static long getLongBe(long base, int offset) {
    return (long) LONG_BE.get(ALL, (base & ADDRESS_MASK) + offset);
  }

  /** Stores two bytes at an offset from 0 on in the machine's order. */
  public static void putShort(long base, int offset, short value) {
    SHORT.set(ALL, (base & ADDRESS_MASK) + offset, value);
  }

  /** Stores two bytes at an offset from 0 on in network order. */
  public static void putShortBe(long base, int offset, short value) {
    SHORT_BE.set(ALL, (base & ADDRESS_MASK) + offset, value);
  }

  /** Stores four bytes at an offset from 0 on in the machine's order. */
  public static void putInt(long base, int offset, int value) {
    INT.set(ALL, (base & ADDRESS_MASK) + offset, value);
  }

  /** Stores four bytes at an offset from 0 on in network order. */
  public static void putIntBe(long base, int offset, int value) {
    INT_BE.set(ALL, (base & ADDRESS_MASK) + offset, value);
  }

  /** Stores eight bytes at an offset from 0 on in the machine's order. */
  public static void putLong(long base, int offset, long value) {
    LONG.set(ALL, (base & ADDRESS_MASK) + offset, value);
  }

  /** Stores eight bytes at an offset from 0 on in network order. */
  public static void putLongBe(long base, int offset, long value) {
    LONG_BE.set(ALL, (base & ADDRESS_MASK) + offset, value);
  }

  /** Reads with acquire: later reads and writes of this thread stay after it. Aligned to 4. */
  public static int getIntAcquire(long address) {
    return (int) ALIGNED_INT.getAcquire(ALL, address & ADDRESS_MASK);
  }

  /** Writes with release: earlier reads and writes of this thread stay before it. Aligned to 4. */
  public static void putIntRelease(long address, int value) {
    ALIGNED_INT.setRelease(ALL, address & ADDRESS_MASK, value);
  }

  /** Reads with acquire: later reads and writes of this thread stay after it. Aligned to 8. */
  public static long getLongAcquire(long address) {
    return (long) ALIGNED_LONG.getAcquire(ALL, address & ADDRESS_MASK);
  }

  /** Writes with release: earlier reads and writes of this thread stay before it. Aligned to 8. */
  public static void putLongRelease(long address, long value) {
    ALIGNED_LONG.setRelease(ALL, address & ADDRESS_MASK, value);
  }

  /** Reads a counter that another thread or process writes: never torn, no order. Aligned to 8. */
  public static long getLongOpaque(long address) {
    return (long) ALIGNED_LONG.getOpaque(ALL, address & ADDRESS_MASK);
  }

  /** Writes a counter that another thread or process reads: never torn, no order. Aligned to 8. */
  public static void putLongOpaque(long address, long value) {
    ALIGNED_LONG.setOpaque(ALL, address & ADDRESS_MASK, value);
  }

  /** Replaces a value if it is the expected one, with volatile order. Aligned to 8. */
  public static boolean compareAndSetLong(long address, long expected, long value) {
    return ALIGNED_LONG.compareAndSet(ALL, address & ADDRESS_MASK, expected, value);
  }
}

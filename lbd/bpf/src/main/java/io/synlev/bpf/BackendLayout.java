package io.synlev.bpf;

import io.synlev.memory.Memory;

/**
 * An element of the map of backends, as src/main/bpf/layout.h has it.
 *
 * <pre>
 *   0 mark (4)  4 epoch (2)  6 zero (2)           one word: never torn
 *   8 interface4 (4)  12 next hop 4 (4)           one word: never torn
 *   16 interface6 (4)  20 version (4)  24 next hop 6 (16)     guarded by the version, odd meanwhile
 *   40 identity (8), which only lbd knows         48 reserved (16)
 * </pre>
 *
 * <p>The machine's byte order, next hops in network order. An odd epoch says that there is a
 * backend.
 */
final class BackendLayout {

  static final int BYTES = 64;

  private static final int HOP4_OFFSET = 8;
  private static final int INTERFACE6_OFFSET = 16;
  private static final int VERSION_OFFSET = 20;
  private static final int HOP6_OFFSET = 24;
  private static final int IDENTITY_OFFSET = 40;

  private BackendLayout() {}

  /** Mark in the low half, epoch above: to be taken apart by the next two. */
  static long head(long element) {
    return Memory.getLongAcquire(element);
  }

  static int mark(long head) {
    return (int) head;
  }

  static int epoch(long head) {
    return (int) (head >>> 32) & 0xffff;
  }

  static boolean isThere(int epoch) {
    return (epoch & 1) != 0;
  }

  /** Publishes mark and epoch together, behind everything written before. */
  static void putHead(long element, int mark, int epoch) {
    Memory.putLongRelease(element, Integer.toUnsignedLong(mark) | (epoch & 0xffffL) << 32);
  }

  static void putHop4(long element, int interfaceIndex, int address) {
    // As the structure lies in memory: the interface first, then the address in network order.
    long network = Integer.toUnsignedLong(Integer.reverseBytes(address));
    Memory.putLongRelease(
        element + HOP4_OFFSET, Integer.toUnsignedLong(interfaceIndex) | network << 32);
  }

  /** Leaves a hop that is the same alone: meanwhile packets would only be marked. */
  static void putHop6(long element, int interfaceIndex, long high, long low) {
    if (Memory.getInt(element + INTERFACE6_OFFSET) == interfaceIndex
        && Memory.getLongBe(element + HOP6_OFFSET) == high
        && Memory.getLongBe(element + HOP6_OFFSET + 8) == low
        && (Memory.getInt(element + VERSION_OFFSET) & 1) == 0) {
      return;
    }
    int version = Memory.getInt(element + VERSION_OFFSET);
    int writing = version | 1;
    Memory.putIntRelease(element + VERSION_OFFSET, writing);
    java.lang.invoke.VarHandle.fullFence();
    Memory.putInt(element + INTERFACE6_OFFSET, interfaceIndex);
    Memory.putLongBe(element + HOP6_OFFSET, high);
    Memory.putLongBe(element + HOP6_OFFSET + 8, low);
    Memory.putIntRelease(element + VERSION_OFFSET, writing + 1);
  }

  static long identity(long element) {
    return Memory.getLong(element + IDENTITY_OFFSET);
  }

  static void putIdentity(long element, long identity) {
    Memory.putLong(element + IDENTITY_OFFSET, identity);
  }
}

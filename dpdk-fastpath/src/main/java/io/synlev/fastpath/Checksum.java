package io.synlev.fastpath;

import io.synlev.memory.Memory;

/** The Internet checksum: RFC 1071, and its correction by RFC 1624. Hot but for {@link #add}. */
final class Checksum {

  private Checksum() {}

  /** Adds bytes to a sum of 16-bit words; an odd last byte counts as followed by 0. */
  static long add(long sum, long address, int bytes) {
    long total = sum;
    int at = 0;
    for (; at + 1 < bytes; at += 2) {
      total += Memory.getShortBe(address + at) & 0xffff;
    }
    return at < bytes ? total + ((Memory.getByte(address + at) & 0xff) << 8) : total;
  }

  /** The checksum of a sum. */
  static short finish(long sum) {
    long folded = (sum & 0xffff_ffffL) + (sum >>> 32);
    folded = (folded & 0xffff) + (folded >>> 16);
    folded = (folded & 0xffff) + (folded >>> 16);
    return (short) ~((folded & 0xffff) + (folded >>> 16));
  }

  /** The checksum of a sum of at most 0x8000 words. */
  static short finish(int sum) {
    int folded = (sum & 0xffff) + (sum >>> 16);
    return (short) ~((folded & 0xffff) + (folded >>> 16));
  }

  /** Takes one off an IPv4 header's TTL, which is above 0, and corrects its checksum. */
  static void decrementTtl(long ipv4) {
    int old = Memory.getIntBe(ipv4, 8); // TTL, protocol, checksum
    // RFC 1624: HC' = ~(~HC + ~m + m') with m' - m = -0x100, which is HC + 0x100 and its carry;
    // 0xffff, the other zero, is not what that rule gives.
    int sum = (old & 0xffff) + 0x100;
    sum += sum + 1 >>> 16;
    Memory.putIntBe(ipv4, 8, (old & 0xffff_0000) - 0x0100_0000 | sum & 0xffff);
  }
}

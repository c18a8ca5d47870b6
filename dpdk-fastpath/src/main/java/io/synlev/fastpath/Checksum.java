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

  /** Takes one off an IPv4 header's TTL, which is above 0, and corrects its checksum. */
  static void decrementTtl(long ipv4) {
    int ttlAndProtocol = Memory.getShortBe(ipv4 + 8) & 0xffff;
    Memory.putShortBe(ipv4 + 8, (short) (ttlAndProtocol - 0x100));
    // RFC 1624: HC' = ~(~HC + ~m + m'), where m' - m is -0x100.
    int old = ~Memory.getShortBe(ipv4 + 10) & 0xffff;
    int sum = old + (~ttlAndProtocol & 0xffff) + (ttlAndProtocol - 0x100);
    sum = (sum & 0xffff) + (sum >>> 16);
    Memory.putShortBe(ipv4 + 10, (short) ~((sum & 0xffff) + (sum >>> 16)));
  }
}

package io.synlev.nat;

/**
 * Sums of the Internet checksum (RFC 1071) that tell how it changes (RFC 1624, equation 3): each
 * change adds the complement of what was there and what is there now. Numbers are read in network
 * byte order; sums of whole 16-bit words of any width agree. Pure.
 */
final class Ones {

  private Ones() {}

  /** What it adds that 8 bytes became others. At most 2^34. */
  static long change(long old, long now) {
    return (~old >>> 32) + (~old & 0xffff_ffffL) + (now >>> 32) + (now & 0xffff_ffffL);
  }

  /** What it adds that 4 bytes became others. At most 2^33. */
  static long change(int old, int now) {
    return (~old & 0xffff_ffffL) + (now & 0xffff_ffffL);
  }

  /** What it adds that 2 bytes became others. */
  static long changeShort(int old, int now) {
    return (~old & 0xffff) + (now & 0xffff);
  }

  /**
   * The checksum after some changes.
   *
   * @param checksum before, 0 to 65535
   * @param changes the sum of what they add
   */
  static int corrected(int checksum, long changes) {
    long sum = (~checksum & 0xffff) + (changes >>> 32) + (changes & 0xffff_ffffL);
    sum = (sum >>> 16) + (sum & 0xffff);
    sum = (sum >>> 16) + (sum & 0xffff);
    sum = (sum >>> 16) + (sum & 0xffff);
    return (int) ~sum & 0xffff;
  }
}

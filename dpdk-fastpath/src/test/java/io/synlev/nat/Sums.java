package io.synlev.nat;

/** The Internet checksum from the first byte to the last (RFC 1071, section 4.1). */
final class Sums {

  private Sums() {}

  /** The checksum of some bytes; each part but the last has an even number of them. */
  static int of(byte[]... parts) {
    long sum = 0;
    for (byte[] part : parts) {
      for (int i = 0; i < part.length; i++) {
        sum += i % 2 == 0 ? (part[i] & 0xff) << 8 : part[i] & 0xff;
      }
    }
    while (sum > 0xffff) {
      sum = (sum >> 16) + (sum & 0xffff);
    }
    return (int) ~sum & 0xffff;
  }
}

package io.synlev.state;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;

/**
 * An address prefix of either family.
 *
 * @param ipv6 the family
 * @param high the first 64 bits of an IPv6 prefix; 0 for IPv4
 * @param low the last 64 bits of an IPv6 prefix; an IPv4 prefix in the lower 32 bits
 * @param length bits that count, 0 to 32 or 128; all others are 0
 */
public record Prefix(boolean ipv6, long high, long low, int length) {
  /**
   * Reads {@code 10.0.0.0/24}, {@code 2001:db8::/32} or a bare address, which is a host prefix.
   *
   * @throws StateException if it is malformed or has bits set behind its length
   */
  public static Prefix parse(String text) {
    int slash = text.indexOf('/');
    InetAddress address = Addresses.parse(slash < 0 ? text : text.substring(0, slash));
    boolean ipv6 = !(address instanceof Inet4Address);
    int bits = ipv6 ? 128 : 32;
    int length = slash < 0 ? bits : parseLength(text, text.substring(slash + 1), bits);
    ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
    long high = ipv6 ? bytes.getLong() : 0;
    long low = ipv6 ? bytes.getLong() : Integer.toUnsignedLong(bytes.getInt());
    Prefix prefix =
        new Prefix(ipv6, high & highMask(ipv6, length), low & lowMask(ipv6, length), length);
    if (prefix.high != high || prefix.low != low) {
      throw new StateException(
          "'" + text + "' has bits set behind its length: '" + prefix + "' is the prefix");
    }
    return prefix;
  }

  private static int parseLength(String text, String digits, int bits) {
    try {
      int length = Integer.parseInt(digits);
      if (length >= 0 && length <= bits && digits.charAt(0) != '+') {
        return length;
      }
    } catch (NumberFormatException notANumber) {
      // Answered below.
    }
    throw new StateException(
        "'" + text + "' is no prefix: a length from 0 to " + bits + " follows the slash");
  }

  /** Whether this prefix is a single address. */
  public boolean isHost() {
    return length == (ipv6 ? 128 : 32);
  }

  /** Whether an IPv4 address (as an unsigned 32-bit number) or an IPv6 address lies in it. */
  public boolean contains(boolean isIpv6, long addressHigh, long addressLow) {
    return isIpv6 == ipv6
        && (addressHigh & highMask(ipv6, length)) == high
        && (addressLow & lowMask(ipv6, length)) == low;
  }

  /** Whether every address of another prefix lies in this one. */
  public boolean contains(Prefix other) {
    return other.length >= length && contains(other.ipv6, other.high, other.low);
  }

  /** The prefix of fewer bits, 0 to {@link #length}, that this one lies in. */
  public Prefix shortened(int bits) {
    return new Prefix(ipv6, high & highMask(ipv6, bits), low & lowMask(ipv6, bits), bits);
  }

  private static long highMask(boolean ipv6, int length) {
    return ipv6 ? ones(Math.min(length, 64)) : 0;
  }

  private static long lowMask(boolean ipv6, int length) {
    return ipv6 ? ones(Math.max(length - 64, 0)) : ones(length) >>> 32;
  }

  /** The first {@code bits} (0 to 64) of 64 bits. */
  private static long ones(int bits) {
    return bits == 0 ? 0 : -1L << 64 - bits;
  }

  /** Its lowest address. */
  public InetAddress firstAddress() {
    return Addresses.of(ipv6, high, low);
  }

  @Override
  public String toString() {
    return Addresses.format(firstAddress()) + "/" + length;
  }
}

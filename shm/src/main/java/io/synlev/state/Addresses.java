package io.synlev.state;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

/** Reading and writing IP addresses; never asks a name server. */
public final class Addresses {
  private Addresses() {}

  /**
   * Reads a literal IPv4 or IPv6 address.
   *
   * @throws StateException if it is anything else, an IPv6 zone included
   */
  public static InetAddress parse(String text) {
    if (text.indexOf('%') < 0) {
      try {
        InetAddress address =
            text.indexOf(':') < 0 ? strictIpv4(text) : Inet6Address.ofLiteral(text);
        if (address != null) {
          return address;
        }
      } catch (IllegalArgumentException notAnAddress) {
        // Answered below: one message for every malformed address.
      }
    }
    throw new StateException(
        "'" + text + "' is no IP address: write it as 192.0.2.1 or 2001:db8::1");
  }

  /** The shortest usual form: IPv6 with {@code ::} for the longest run of zeros (RFC 5952). */
  public static String format(InetAddress address) {
    return address instanceof Inet6Address ? compress(address.getAddress()) : plain(address);
  }

  /**
   * An address out of its halves.
   *
   * @param ipv6 its family
   * @param high the first eight bytes of an IPv6 address; not looked at for IPv4
   * @param low the last eight bytes, or the IPv4 address as its low 32 bits
   */
  public static InetAddress of(boolean ipv6, long high, long low) {
    ByteBuffer bytes =
        ipv6
            ? ByteBuffer.allocate(16).putLong(high).putLong(low)
            : ByteBuffer.allocate(4).putInt((int) low);
    try {
      return InetAddress.getByAddress(bytes.array());
    } catch (UnknownHostException impossible) {
      throw new AssertionError(impossible);
    }
  }

  private static String plain(InetAddress address) {
    return address.getHostAddress();
  }

  /** Four decimal parts; {@link InetAddress#ofLiteral} would take 10.1 or 1234 too. */
  private static Inet4Address strictIpv4(String text) {
    return text.chars().filter(c -> c == '.').count() == 3 ? Inet4Address.ofLiteral(text) : null;
  }

  private static String compress(byte[] bytes) {
    int[] groups = new int[8];
    for (int i = 0; i < groups.length; i++) {
      groups[i] = (bytes[2 * i] & 0xff) << 8 | bytes[2 * i + 1] & 0xff;
    }
    int start = 0;
    int length = 1;
    for (int i = 0; i < groups.length; i++) {
      int end = i;
      while (end < groups.length && groups[end] == 0) {
        end++;
      }
      if (end - i > length) {
        start = i;
        length = end - i;
      }
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < groups.length; i++) {
      if (length > 1 && i == start) {
        text.append("::");
        i += length - 1;
        continue;
      }
      if (!text.isEmpty() && text.charAt(text.length() - 1) != ':') {
        text.append(':');
      }
      text.append(Integer.toHexString(groups[i]));
    }
    return text.toString();
  }
}

package io.synlev.nat;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** Makes ICMP and ICMPv6 errors; every checksum is computed from the first to the last byte. */
final class Errors {

  static final byte[] NO_BYTES = {};

  private Errors() {}

  /** An error about a packet, of which so many bytes are quoted, before some more. */
  static byte[] error(
      String from, String to, int type, int parameter, byte[] quoted, int bytes, byte[] behind) {
    boolean isIpv6 = from.indexOf(':') >= 0;
    byte[] head = ByteBuffer.allocate(8).put((byte) type).putInt(4, parameter).array();
    byte[] quote = Arrays.copyOf(quoted, Math.min(bytes, quoted.length));
    byte[] message = Packet.join(head, quote, behind);
    int sum =
        isIpv6
            ? Sums.of(Packet.pseudoHeader(from, to, 58, message.length), message)
            : Sums.of(message);
    ByteBuffer.wrap(message).putShort(2, (short) sum);
    return Packet.join(
        Packet.udp(from, 0, to, 0).header(from, to, isIpv6 ? 58 : 1, message.length), message);
  }

  private static int unreachable(boolean isIpv6) {
    return isIpv6 ? 1 : 3;
  }

  static byte[] error(String from, String to, byte[] quoted, int bytes) {
    int type = unreachable(from.indexOf(':') >= 0);
    return error(from, to, type, 0, quoted, bytes, NO_BYTES);
  }

  /** What is quoted has less life left when it gets to the router. */
  static byte[] aged(byte[] packet, boolean isIpv6) {
    byte[] aged = packet.clone();
    if (isIpv6) {
      aged[7] = 3;
    } else {
      aged[8] = 3;
      aged[10] = 0;
      aged[11] = 0;
      int sum = Sums.of(Arrays.copyOf(aged, 20));
      ByteBuffer.wrap(aged).putShort(10, (short) sum);
    }
    return aged;
  }
}

package io.synlev.magctl;

import java.nio.ByteBuffer;

/** How long a packet was before a queue or a snap length cut it. */
final class PacketLength {
  private static final int IPV4_HEADER = 20;
  private static final int IPV6_HEADER = 40;

  private PacketLength() {}

  /**
   * What the length field of its IP header says (RFC 791, section 3.1; RFC 8200, section 3), but at
   * least what is there: large segments and jumbograms say 0.
   */
  static int original(byte[] packet) {
    ByteBuffer bytes = ByteBuffer.wrap(packet);
    int stated = 0;
    if (packet.length >= IPV4_HEADER && packet[0] >> 4 == 4) {
      stated = bytes.getShort(2) & 0xffff;
    } else if (packet.length >= IPV6_HEADER && packet[0] >> 4 == 6) {
      stated = IPV6_HEADER + (bytes.getShort(4) & 0xffff);
    }
    return Math.max(stated, packet.length);
  }
}

package io.synlev.packet;

import io.synlev.memory.Memory;

/**
 * The IPv6 header (RFC 8200, section 3): fields in network byte order, offsets in bytes.
 *
 * <pre>
 *   0        1        2        3
 *   +--------+--------+--------+--------+
 *   |ver, traffic class, flow label     |  0
 *   | payload length  |nxt hdr |hop lim.|  4
 *   |      source address, 16 bytes     |  8
 *   |   destination address, 16 bytes   | 24
 * </pre>
 *
 * <p>No method checks bounds: the caller has seen that {@link #LENGTH} bytes are there. Any thread
 * may call.
 */
public final class Ipv6Header {

  /** Bytes that follow this header, extension headers included, 16 bits. */
  public static final int PAYLOAD_LENGTH_FIELD_OFFSET = 4;

  /** The type of the header that follows, 8 bits. */
  public static final int NEXT_HEADER_FIELD_OFFSET = 6;

  /** Source address, 128 bits. */
  public static final int SOURCE_FIELD_OFFSET = 8;

  /** Destination address, 128 bits. */
  public static final int DESTINATION_FIELD_OFFSET = 24;

  /** Bytes of the header. */
  public static final int LENGTH = 40;

  private Ipv6Header() {}

  /** Bytes after this header, 0 to 65535. */
  public static int payloadLength(long packet) {
    return Memory.getShortBe(packet + PAYLOAD_LENGTH_FIELD_OFFSET) & 0xffff;
  }

  /** The next header's type, 0 to 255. */
  public static int nextHeader(long packet) {
    return Memory.getByte(packet + NEXT_HEADER_FIELD_OFFSET) & 0xff;
  }

  /** The first eight bytes of the source address, first byte highest. */
  public static long sourceHigh(long packet) {
    return Memory.getLongBe(packet + SOURCE_FIELD_OFFSET);
  }

  /** The last eight bytes of the source address. */
  public static long sourceLow(long packet) {
    return Memory.getLongBe(packet + SOURCE_FIELD_OFFSET + 8);
  }

  /** The first eight bytes of the destination address, first byte highest. */
  public static long destinationHigh(long packet) {
    return Memory.getLongBe(packet + DESTINATION_FIELD_OFFSET);
  }

  /** The last eight bytes of the destination address. */
  public static long destinationLow(long packet) {
    return Memory.getLongBe(packet + DESTINATION_FIELD_OFFSET + 8);
  }
}

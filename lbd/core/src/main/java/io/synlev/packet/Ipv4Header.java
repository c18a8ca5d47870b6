package io.synlev.packet;

import io.synlev.memory.Memory;

/**
 * The IPv4 header (RFC 791, section 3.1): fields in network byte order, offsets in bytes.
 *
 * <pre>
 *   0        1        2        3
 *   +--------+--------+--------+--------+
 *   |ver ihl |  tos   |   total length  |  0
 *   | identification  |flg, frag. offset|  4
 *   |  ttl   |protocol|    checksum     |  8
 *   |          source address           | 12
 *   |        destination address        | 16
 *   |    options, 0 to 40 bytes  ...    | 20
 * </pre>
 *
 * <p>No method checks bounds: the caller has seen that {@link #MIN_LENGTH} bytes are there. Any
 * thread may call.
 */
public final class Ipv4Header {

  /** Version, upper four bits, and header length in 32-bit words, lower four. */
  public static final int VERSION_AND_IHL_FIELD_OFFSET = 0;

  /** Length of header and data in bytes, 16 bits. */
  public static final int TOTAL_LENGTH_FIELD_OFFSET = 2;

  /** What the fragments of one datagram have in common, 16 bits. */
  public static final int IDENTIFICATION_FIELD_OFFSET = 4;

  /** Reserved, don't fragment, more fragments; then 13 bits of offset in units of 8 bytes. */
  public static final int FLAGS_AND_FRAGMENT_OFFSET_FIELD_OFFSET = 6;

  /** The protocol of the data, 8 bits. */
  public static final int PROTOCOL_FIELD_OFFSET = 9;

  /** Source address, 32 bits. */
  public static final int SOURCE_FIELD_OFFSET = 12;

  /** Destination address, 32 bits. */
  public static final int DESTINATION_FIELD_OFFSET = 16;

  /** Bytes of a header without options. */
  public static final int MIN_LENGTH = 20;

  /** The flag "more fragments" in {@link #flagsAndFragmentOffset}. */
  public static final int MORE_FRAGMENTS = 0x2000;

  /** The fragment offset in {@link #flagsAndFragmentOffset}, in units of 8 bytes. */
  public static final int FRAGMENT_OFFSET_MASK = 0x1fff;

  private Ipv4Header() {}

  /** Bytes of the header with its options, 0 to 60; valid from {@link #MIN_LENGTH} up. */
  public static int headerLength(long packet) {
    return (Memory.getByte(packet + VERSION_AND_IHL_FIELD_OFFSET) & 0x0f) << 2;
  }

  /** Bytes of header and data, 0 to 65535. */
  public static int totalLength(long packet) {
    return Memory.getShortBe(packet + TOTAL_LENGTH_FIELD_OFFSET) & 0xffff;
  }

  /** The identification, 0 to 65535. */
  public static int identification(long packet) {
    return Memory.getShortBe(packet + IDENTIFICATION_FIELD_OFFSET) & 0xffff;
  }

  /** Flags and fragment offset as they stand, 0 to 65535. */
  public static int flagsAndFragmentOffset(long packet) {
    return Memory.getShortBe(packet + FLAGS_AND_FRAGMENT_OFFSET_FIELD_OFFSET) & 0xffff;
  }

  /** The protocol number, 0 to 255. */
  public static int protocol(long packet) {
    return Memory.getByte(packet + PROTOCOL_FIELD_OFFSET) & 0xff;
  }

  /** The source address, first byte highest. */
  public static int source(long packet) {
    return Memory.getIntBe(packet + SOURCE_FIELD_OFFSET);
  }

  /** The destination address, first byte highest. */
  public static int destination(long packet) {
    return Memory.getIntBe(packet + DESTINATION_FIELD_OFFSET);
  }
}

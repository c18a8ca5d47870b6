package io.synlev.packet;

import io.synlev.memory.Memory;

/**
 * What IPv6 extension headers have in common: the next header's type, then their own length.
 *
 * <p>Hop-by-hop options, routing header and destination options (RFC 8200, sections 4.3, 4.4, 4.6),
 * mobility (RFC 6275, section 6.1.1), HIP (RFC 7401, section 5.1) and Shim6 (RFC 5533, section 5.1)
 * count 8-byte units without the first; AH counts 4-byte units minus two (RFC 4302, section 2.2).
 * The fragment header has a fixed length.
 *
 * <p>No method checks bounds: the caller has seen that {@link #MIN_LENGTH} bytes are there. Any
 * thread may call.
 */
public final class Ipv6ExtensionHeader {

  /** The type of the header that follows, 8 bits. */
  public static final int NEXT_HEADER_FIELD_OFFSET = 0;

  /** This header's length in its own units, 8 bits; reserved in the fragment header. */
  public static final int LENGTH_FIELD_OFFSET = 1;

  /** Fragment header: 13 bits of offset in units of 8 bytes, two reserved, more fragments. */
  public static final int FRAGMENT_OFFSET_AND_FLAGS_FIELD_OFFSET = 2;

  /** Fragment header: what the fragments of one packet have in common, 32 bits. */
  public static final int FRAGMENT_IDENTIFICATION_FIELD_OFFSET = 4;

  /** No extension header is shorter; also the length of the fragment header. */
  public static final int MIN_LENGTH = 8;

  /** The fragment offset in {@link #fragmentOffsetAndFlags}, in bytes as it stands. */
  public static final int FRAGMENT_OFFSET_MASK = 0xfff8;

  /** The flag "more fragments" in {@link #fragmentOffsetAndFlags}. */
  public static final int MORE_FRAGMENTS = 1;

  private Ipv6ExtensionHeader() {}

  /** Whether a type is one of those with a length field, which can be stepped over. */
  public static boolean isSkippable(int type) {
    return switch (type) {
      case IpProtocol.HOP_BY_HOP,
          IpProtocol.ROUTING,
          IpProtocol.AH,
          IpProtocol.DESTINATION_OPTIONS,
          IpProtocol.MOBILITY,
          IpProtocol.HIP,
          IpProtocol.SHIM6 ->
          true;
      default -> false;
    };
  }

  /** The next header's type, 0 to 255. */
  public static int nextHeader(long header) {
    return Memory.getByte(header + NEXT_HEADER_FIELD_OFFSET) & 0xff;
  }

  /** Bytes of a skippable header of this type, 8 to 2048. */
  public static int length(long header, int type) {
    int units = Memory.getByte(header + LENGTH_FIELD_OFFSET) & 0xff;
    // An AH of length field 0 would be 8 bytes: its fixed part is longer, but the receiver judges.
    return type == IpProtocol.AH ? (units + 2) << 2 : (units + 1) << 3;
  }

  /** Offset and flags of a fragment header as they stand, 0 to 65535. */
  public static int fragmentOffsetAndFlags(long header) {
    return Memory.getShortBe(header + FRAGMENT_OFFSET_AND_FLAGS_FIELD_OFFSET) & 0xffff;
  }

  /** The identification of a fragment header, 32 bits. */
  public static int fragmentIdentification(long header) {
    return Memory.getIntBe(header + FRAGMENT_IDENTIFICATION_FIELD_OFFSET);
  }
}

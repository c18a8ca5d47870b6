package io.synlev.packet;

import io.synlev.memory.Memory;

/**
 * The fields of ICMP (RFC 792) and ICMPv6 (RFC 4443) that steering looks at, in network byte order.
 *
 * <p>No method checks bounds. Any thread may call.
 */
public final class IcmpHeader {

  /** The message type, 8 bits. */
  public static final int TYPE_FIELD_OFFSET = 0;

  /** Echo: the identifier, 16 bits (RFC 792, page 14; RFC 4443, section 4.1). */
  public static final int IDENTIFIER_FIELD_OFFSET = 4;

  /** Bytes up to the end of the identifier. */
  public static final int IDENTIFIER_END = 6;

  /** Bytes in front of the packet that an error quotes (RFC 792; RFC 4443, section 3). */
  public static final int ERROR_LENGTH = 8;

  /** Errors with extensions: bytes of the quoted packet in units of 4 (RFC 4884, section 4.1). */
  public static final int QUOTE_LENGTH_FIELD_OFFSET = 5;

  /** The same for ICMPv6, in units of 8 (RFC 4884, section 4.4). */
  public static final int QUOTE_LENGTH_FIELD_OFFSET_V6 = 4;

  /** ICMPv6 redirect: the options, of which one quotes a packet (RFC 4861, section 4.5). */
  public static final int REDIRECT_OPTIONS_OFFSET = 40;

  /** ICMP echo reply (RFC 792, page 14). */
  public static final int ECHO_REPLY = 0;

  /** ICMP destination unreachable (RFC 792, page 4). */
  public static final int UNREACHABLE = 3;

  /** ICMP source quench (RFC 792, page 10), which nobody shall send or obey (RFC 6633). */
  public static final int SOURCE_QUENCH = 4;

  /** ICMP redirect (RFC 792, page 12). */
  public static final int REDIRECT = 5;

  /** ICMP time exceeded (RFC 792, page 6). */
  public static final int TIME_EXCEEDED = 11;

  /** ICMP parameter problem (RFC 792, page 8). */
  public static final int PARAMETER_PROBLEM = 12;

  /** ICMPv6 destination unreachable (RFC 4443, section 3.1). */
  public static final int UNREACHABLE_V6 = 1;

  /** ICMPv6 time exceeded (RFC 4443, section 3.3). */
  public static final int TIME_EXCEEDED_V6 = 3;

  /** ICMPv6 echo reply (RFC 4443, section 4.2). */
  public static final int ECHO_REPLY_V6 = 129;

  /** ICMPv6 redirect (RFC 4861, section 4.5). */
  public static final int REDIRECT_V6 = 137;

  /** ICMP echo request (RFC 792, page 14). */
  public static final int ECHO_REQUEST = 8;

  /** ICMPv6 echo request (RFC 4443, section 4.1). */
  public static final int ECHO_REQUEST_V6 = 128;

  private IcmpHeader() {}

  /** The message type, 0 to 255. */
  public static int type(long header) {
    return Memory.getByte(header + TYPE_FIELD_OFFSET) & 0xff;
  }

  /** The identifier of an echo message, 0 to 65535. */
  public static int identifier(long header) {
    return Memory.getShortBe(header + IDENTIFIER_FIELD_OFFSET) & 0xffff;
  }

  /**
   * Whether an ICMP type reports an error and so carries the packet it is about: destination
   * unreachable, source quench, redirect, time exceeded, parameter problem (RFC 1122, section
   * 3.2.2).
   */
  public static boolean isError(int type) {
    return switch (type) {
      case UNREACHABLE, SOURCE_QUENCH, REDIRECT, TIME_EXCEEDED, PARAMETER_PROBLEM -> true;
      default -> false;
    };
  }

  /**
   * Whether an ICMPv6 type carries the packet it is about: those below 128 report errors (RFC 4443,
   * section 2.1), and a redirect quotes what it redirects.
   */
  public static boolean isErrorV6(int type) {
    return type < 128 || type == REDIRECT_V6;
  }

  /**
   * What an error says about the length of the packet it quotes, in bytes; 0 if it says nothing.
   * The types are those of RFC 4884, section 4; {@link #ERROR_LENGTH} bytes must be there.
   */
  public static int quoteLength(long header) {
    return switch (type(header)) {
      case UNREACHABLE, TIME_EXCEEDED, PARAMETER_PROBLEM ->
          (Memory.getByte(header + QUOTE_LENGTH_FIELD_OFFSET) & 0xff) << 2;
      default -> 0;
    };
  }

  /** The same for ICMPv6. */
  public static int quoteLengthV6(long header) {
    return switch (type(header)) {
      case UNREACHABLE_V6, TIME_EXCEEDED_V6 ->
          (Memory.getByte(header + QUOTE_LENGTH_FIELD_OFFSET_V6) & 0xff) << 3;
      default -> 0;
    };
  }
}

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
    return type == 3 || type == 4 || type == 5 || type == 11 || type == 12;
  }

  /** Whether an ICMPv6 type reports an error: those below 128 do (RFC 4443, section 2.1). */
  public static boolean isErrorV6(int type) {
    return type < 128;
  }
}

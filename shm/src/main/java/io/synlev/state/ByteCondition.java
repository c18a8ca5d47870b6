package io.synlev.state;

import java.util.Locale;

/**
 * What some bytes of a packet's transport header must be, in tcpdump's form: {@code tcp[12:2] &
 * 0x01ff = 0x0002}. A packet of another protocol, or one that ends before those bytes, is not met.
 *
 * @param header whose header it is about
 * @param offset the first byte, counted from the header's start
 * @param width how many bytes: 1, 2 or 4, read in network order
 * @param mask the bits that count; not 0
 * @param value what those bits must be; no bits outside the mask
 */
public record ByteCondition(Header header, int offset, int width, int mask, int value) {
  /** The condition's bytes are among this many from the header's start. */
  public static final int REACH = 64;

  /** Headers that can be asked about. The constants' order is part of the layout. */
  public enum Header {
    TCP(Protocol.TCP),
    UDP(Protocol.UDP),
    SCTP(Protocol.SCTP),
    /** ICMP of IPv4. */
    ICMP(Protocol.ICMP),
    /** ICMPv6. */
    ICMP6(Protocol.ICMP);

    private final Protocol protocol;

    Header(Protocol protocol) {
      this.protocol = protocol;
    }

    /** The protocol that a service with such a condition is for. */
    public Protocol protocol() {
      return protocol;
    }
  }

  public ByteCondition {
    if (width != 1 && width != 2 && width != 4) {
      throw new StateException("a width of " + width + " bytes: choose 1, 2 or 4");
    }
    if (offset < 0 || offset + width > REACH) {
      throw new StateException(
          "bytes %d to %d of the header: they must lie within the first %d"
              .formatted(offset, offset + width - 1, REACH));
    }
    int all = allBits(width);
    if ((mask & ~all) != 0 || (value & ~all) != 0) {
      throw new StateException(
          "0x%x does not fit %d byte(s): choose a smaller number or a width of 2 or 4, as in [%d:4]"
              .formatted((mask & ~all) != 0 ? mask : value, width, offset));
    }
    if (mask == 0) {
      throw new StateException("a mask of 0 looks at no bit: name those that count");
    }
    if ((value & ~mask) != 0) {
      throw new StateException(
          "0x%x has bits outside the mask 0x%x, so no packet can meet it: widen the mask"
              .formatted(value, mask));
    }
  }

  /**
   * Reads {@code HEADER[OFFSET:WIDTH] & MASK = VALUE}; width and mask may be left out. Numbers are
   * decimal or 0x hex. {@code tcpflags} and {@code tcp-syn} to {@code tcp-urg} are known, joined by
   * a bar. {@code !=} works where one bit is asked for.
   *
   * @throws StateException if it is malformed or can never be met
   */
  public static ByteCondition parse(String text) {
    return new ByteConditionParser(text).parse();
  }

  /** All bits of so many bytes. */
  static int allBits(int width) {
    return width == 4 ? -1 : (1 << 8 * width) - 1;
  }

  /** The shortest text that {@link #parse} reads as this. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(header.name().toLowerCase(Locale.ROOT));
    text.append('[').append(offset).append(width == 1 ? "" : ":" + width).append(']');
    if (mask != allBits(width)) {
      text.append(" & ").append(hex(mask));
    }
    return text.append(" = ").append(hex(value)).toString();
  }

  private String hex(int number) {
    String digits = Integer.toHexString(number);
    return "0x" + "0".repeat(Math.max(0, 2 * width - digits.length())) + digits;
  }
}

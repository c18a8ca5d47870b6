package io.synlev.packet;

import io.synlev.memory.Memory;

/**
 * Finds the flow that an ICMP or ICMPv6 error is about, by the packet it quotes.
 *
 * <pre>
 *   outer IP header | ICMP, 8 bytes | inner IP header | 8 bytes or more | extensions (RFC 4884)
 *   router -> VIP                     VIP -> client     ports
 * </pre>
 *
 * <p>The quoted packet went the other way: a backend sent it. So source and destination are swapped
 * and the flow is the one that the client's packets have. A quoted echo reply gives the flow of the
 * echo request that it answered; its identifier stays where it is.
 *
 * <p><b>Bounds.</b> Nothing outside the outer packet is read, and nothing behind the quoted one:
 * extensions and padding are not headers. How much is quoted is up to the sender: 8 bytes of the
 * transport header (RFC 792) are enough for the ports and the identifier.
 *
 * <p><b>Less strict than for whole packets.</b> The quoted packet's own length fields are not
 * believed: the quote is shorter than they say anyway, and some senders quote them in host byte
 * order or less the header. Nor are TCP's data offset and UDP's length, and no checksum is looked
 * at: the backend judges, which knows what it sent.
 *
 * <p>Any thread may call; allocates nothing and throws nothing.
 */
public final class IcmpErrorParser {

  /**
   * The least that a length field may say, in bytes (RFC 4884, sections 4.1 and 4.4: quotes are
   * padded to 128). Less is taken for rubbish in a field that used to be unused.
   */
  public static final int MIN_QUOTE_LENGTH = 128;

  /** How many options of an ICMPv6 redirect are looked at; RFC 4861, section 4.5, names two. */
  public static final int MAX_REDIRECT_OPTIONS = 8;

  /** Type of the redirected header option (RFC 4861, section 4.6.3). */
  private static final int REDIRECTED_HEADER = 4;

  /** Bytes of that option in front of the packet; no option is shorter. */
  private static final int OPTION_MIN_LENGTH = 8;

  private IcmpErrorParser() {}

  /**
   * Parses the packet inside an error.
   *
   * @param address of the first byte of the outer IP header
   * @param length bytes that are there
   * @param outer what {@link PacketParser#parse} found: status OK and kind ICMP_ERROR
   * @param quoted where the result goes: the flow from client to VIP; the transport offset counts
   *     from the quoted packet's start
   * @return {@code quoted.status}; EMPTY if nothing is quoted, BAD_VERSION also if the quoted
   *     packet's family is not the outer one's
   */
  public static HeaderStatus parse(
      long address, int length, PacketHeaders outer, PacketHeaders quoted) {
    boolean v6 = outer.flow.family == FlowKey.IPV6;
    int end =
        v6 ? Ipv6Parser.end(address, length) : Math.min(Ipv4Header.totalLength(address), length);
    int size = end - outer.transportOffset;
    long header = address + outer.transportOffset;
    if (v6 && IcmpHeader.type(header) == IcmpHeader.REDIRECT_V6) {
      parseRedirect(header, size, quoted);
    } else {
      parseError(header, size, v6, quoted);
    }
    swap(quoted);
    return quoted.status;
  }

  private static void parseError(long header, int size, boolean v6, PacketHeaders quoted) {
    int available = size - IcmpHeader.ERROR_LENGTH;
    if (available > MIN_QUOTE_LENGTH) {
      int stated = v6 ? IcmpHeader.quoteLengthV6(header) : IcmpHeader.quoteLength(header);
      if (stated >= MIN_QUOTE_LENGTH) {
        available = Math.min(stated, available);
      }
    }
    PacketParser.parseQuoted(
        header + IcmpHeader.ERROR_LENGTH, available, v6 ? FlowKey.IPV6 : FlowKey.IPV4, quoted);
  }

  /** Options: type, then length in units of 8 bytes, 0 being an error (RFC 4861, section 4.6). */
  private static void parseRedirect(long header, int size, PacketHeaders quoted) {
    int at = IcmpHeader.REDIRECT_OPTIONS_OFFSET;
    int from = size;
    int to = size;
    for (int i = 0; i < MAX_REDIRECT_OPTIONS && size - at >= OPTION_MIN_LENGTH; i++) {
      int type = Memory.getByte(header + at) & 0xff;
      int length = (Memory.getByte(header + at + 1) & 0xff) << 3;
      if (length == 0) {
        break;
      }
      if (type == REDIRECTED_HEADER) {
        from = at + OPTION_MIN_LENGTH;
        to = Math.min(at + length, size);
        break;
      }
      at += length;
    }
    PacketParser.parseQuoted(header + from, to - from, FlowKey.IPV6, quoted);
  }

  private static void swap(PacketHeaders quoted) {
    FlowKey flow = quoted.flow;
    long high = flow.sourceHigh;
    long low = flow.sourceLow;
    flow.sourceHigh = flow.destinationHigh;
    flow.sourceLow = flow.destinationLow;
    flow.destinationHigh = high;
    flow.destinationLow = low;
    if (quoted.kind != PacketKind.ICMP_ECHO) {
      flow.ports = flow.ports << 16 | flow.ports >>> 16;
    }
  }
}

package io.synlev.packet;

/**
 * The IPv6 part of {@link PacketParser}: the header and its chain of extension headers.
 *
 * <p>The chain ends at a transport header, at ESP and "no next header", and at any type that is not
 * known. A fragment header counts as one of the chain; a second one ends it, since RFC 8200,
 * section 4.1, allows one.
 */
final class Ipv6Parser {

  private Ipv6Parser() {}

  static HeaderStatus parse(long address, int length, boolean quoted, PacketHeaders headers) {
    if (length < Ipv6Header.LENGTH) {
      return HeaderStatus.TRUNCATED_IP_HEADER;
    }
    int type = Ipv6Header.nextHeader(address);
    headers.flow.ipv6(
        Ipv6Header.sourceHigh(address),
        Ipv6Header.sourceLow(address),
        Ipv6Header.destinationHigh(address),
        Ipv6Header.destinationLow(address),
        type,
        0);
    int end = quoted ? length : end(address, length);
    if (isChained(type)) {
      return parseChain(address, end, length, type, quoted, headers);
    }
    return parseTransport(address, Ipv6Header.LENGTH, end, length, type, quoted, headers);
  }

  /** Where the packet ends: by its length field, or where the bytes do. */
  static int end(long address, int length) {
    int payloadLength = Ipv6Header.payloadLength(address);
    int type = Ipv6Header.nextHeader(address);
    if (payloadLength == 0 && (type == IpProtocol.HOP_BY_HOP || type == IpProtocol.TCP)) {
      return length;
    }
    return Math.min(Ipv6Header.LENGTH + payloadLength, length);
  }

  private static boolean isChained(int type) {
    return type == IpProtocol.FRAGMENT || Ipv6ExtensionHeader.isSkippable(type);
  }

  private static HeaderStatus parseChain(
      long address, int end, int length, int firstType, boolean quoted, PacketHeaders headers) {
    int type = firstType;
    int offset = Ipv6Header.LENGTH;
    boolean fragmentSeen = false;
    for (int i = 0; isChained(type); i++) {
      if (i == PacketParser.MAX_EXTENSION_HEADERS) {
        return HeaderStatus.TOO_MANY_EXTENSION_HEADERS;
      }
      if (end - offset < Ipv6ExtensionHeader.MIN_LENGTH) {
        return cut(end, length);
      }
      long header = address + offset;
      int size;
      if (type != IpProtocol.FRAGMENT) {
        size = Ipv6ExtensionHeader.length(header, type);
      } else if (fragmentSeen) {
        break;
      } else {
        size = Ipv6ExtensionHeader.MIN_LENGTH;
        fragmentSeen = true;
        readFragmentHeader(header, headers);
        headers.fragmentLength = headers.fragment ? end - offset - size : 0;
      }
      if (end - offset < size) {
        return cut(end, length);
      }
      type = Ipv6ExtensionHeader.nextHeader(header);
      headers.flow.protocol = type;
      if (headers.fragmentOffset != 0) {
        return HeaderStatus.OK;
      }
      offset += size;
    }
    return parseTransport(address, offset, end, length, type, quoted, headers);
  }

  private static HeaderStatus parseTransport(
      long address,
      int offset,
      int end,
      int length,
      int type,
      boolean quoted,
      PacketHeaders headers) {
    return quoted
        ? TransportParser.parseQuoted(address, offset, length, type, headers)
        : TransportParser.parse(address, offset, end, length, type, headers);
  }

  private static void readFragmentHeader(long header, PacketHeaders headers) {
    int field = Ipv6ExtensionHeader.fragmentOffsetAndFlags(header);
    headers.fragmentOffset = field & Ipv6ExtensionHeader.FRAGMENT_OFFSET_MASK;
    headers.moreFragments = (field & Ipv6ExtensionHeader.MORE_FRAGMENTS) != 0;
    headers.fragment = headers.fragmentOffset != 0 || headers.moreFragments;
    headers.identification = Ipv6ExtensionHeader.fragmentIdentification(header);
  }

  private static HeaderStatus cut(int end, int length) {
    return end < length
        ? HeaderStatus.HEADERS_BEYOND_LENGTH
        : HeaderStatus.TRUNCATED_EXTENSION_HEADER;
  }
}

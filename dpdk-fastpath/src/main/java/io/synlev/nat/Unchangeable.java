package io.synlev.nat;

import io.synlev.memory.Memory;
import io.synlev.packet.FlowKey;
import io.synlev.packet.IpProtocol;
import io.synlev.packet.Ipv4Header;
import io.synlev.packet.Ipv6ExtensionHeader;
import io.synlev.packet.Ipv6Header;
import io.synlev.packet.PacketHeaders;

/**
 * Tells packets whose addresses must not change, since a receiver would find them forged or their
 * transport checksum wrong: an authentication header covers the addresses (RFC 4302, section
 * 3.3.3.1), and a source route has another final destination than the header, which the checksum is
 * about (RFC 791, section 3.1; RFC 8200, section 8.1). Pure; hot for packets without options.
 */
final class Unchangeable {

  /** RFC 791: loose and strict source and record route. */
  private static final int LOOSE_ROUTE = 131;

  private static final int STRICT_ROUTE = 137;
  private static final int END_OF_OPTIONS = 0;
  private static final int NO_OPERATION = 1;

  /** RFC 8200, section 4.4. */
  private static final int SEGMENTS_LEFT = 3;

  private Unchangeable() {}

  /**
   * Whether a packet is one.
   *
   * @param headers of it: sound, with a transport header
   */
  static boolean is(long packet, PacketHeaders headers) {
    return headers.flow.family == FlowKey.IPV4
        ? headers.transportOffset != Ipv4Header.MIN_LENGTH && isIpv4(packet, headers)
        : headers.transportOffset != Ipv6Header.LENGTH && isIpv6(packet, headers);
  }

  private static boolean isIpv4(long packet, PacketHeaders headers) {
    int end = headers.transportOffset;
    int at = Ipv4Header.MIN_LENGTH;
    while (at < end) {
      int option = Memory.getUnsignedByte(packet, at);
      if (option == LOOSE_ROUTE || option == STRICT_ROUTE) {
        return true;
      }
      if (option == END_OF_OPTIONS) {
        return false;
      }
      int length =
          option == NO_OPERATION || at + 1 == end ? 1 : Memory.getUnsignedByte(packet, at + 1);
      at += Math.max(length, 1);
    }
    return false;
  }

  private static boolean isIpv6(long packet, PacketHeaders headers) {
    int type = Ipv6Header.nextHeader(packet);
    int at = Ipv6Header.LENGTH;
    while (at < headers.transportOffset) {
      long header = packet + at;
      if (type == IpProtocol.AH
          || type == IpProtocol.ROUTING && Memory.getByte(header + SEGMENTS_LEFT) != 0) {
        return true;
      }
      at +=
          type == IpProtocol.FRAGMENT
              ? Ipv6ExtensionHeader.MIN_LENGTH
              : Ipv6ExtensionHeader.length(header, type);
      type = Ipv6ExtensionHeader.nextHeader(header);
    }
    return false;
  }
}

package io.synlev.packet;

import io.synlev.memory.Memory;

/**
 * Reads the headers of an IPv4 or IPv6 packet, as far as steering needs them.
 *
 * <p><b>Bounds.</b> A packet is {@code length} bytes at {@code address}; no byte outside is read,
 * whatever the bytes say. The packet ends where its IP length field says or where the bytes end,
 * whichever comes first: a queue may have cut it, and a link may have padded it. A header that is
 * not all there is <i>truncated</i> when the bytes end, and <i>beyond the length</i> when the field
 * says so although more bytes follow.
 *
 * <p><b>How strict.</b> Only what the decision needs must be there: the ports, the ICMP type, the
 * echo identifier. So a copy range that cuts a TCP header after its ports does no harm. A TCP data
 * offset below 5 words or a UDP length of 1 to 7 bytes is reported when the field is there, because
 * no receiver takes such a packet; checksums, flags, options and the order of extension headers are
 * the receiver's to judge.
 *
 * <p><b>Length field 0.</b> Linux hands over TCP packets of more than 65535 bytes (BIG TCP) with a
 * length field of 0, and a jumbogram (RFC 2675) has 0 and a hop-by-hop header; both then reach as
 * far as the bytes do. With any other protocol 0 is what it says.
 *
 * <p>Any thread may call; allocates nothing and throws nothing.
 */
public final class PacketParser {

  /**
   * The longest chain of IPv6 extension headers that is followed. RFC 8200, section 4.1, lists
   * seven in its recommended order, of which ESP ends the chain.
   */
  public static final int MAX_EXTENSION_HEADERS = 8;

  private PacketParser() {}

  /**
   * Parses one packet.
   *
   * @param address of the first byte of the IP header
   * @param length bytes that are there; 0 or less means none
   * @param headers where the result goes
   * @return {@code headers.status}
   */
  public static HeaderStatus parse(long address, int length, PacketHeaders headers) {
    headers.reset(address, false);
    HeaderStatus status;
    if (length <= 0) {
      status = HeaderStatus.EMPTY;
    } else {
      int version = Memory.getByte(address) >> 4;
      if (version == 4) {
        status = parseIpv4(address, length, false, headers);
      } else if (version == 6) {
        status = Ipv6Parser.parse(address, length, false, headers);
      } else {
        status = HeaderStatus.BAD_VERSION;
      }
    }
    return finish(status, headers);
  }

  /**
   * Parses the beginning of a packet that an error quotes, for {@link IcmpErrorParser}.
   *
   * @param family the only one that may be there
   */
  static HeaderStatus parseQuoted(long address, int length, int family, PacketHeaders headers) {
    headers.reset(address, true);
    HeaderStatus status;
    if (length <= 0) {
      status = HeaderStatus.EMPTY;
    } else if (Memory.getByte(address) >> 4 != family) {
      status = HeaderStatus.BAD_VERSION;
    } else if (family == FlowKey.IPV4) {
      status = parseIpv4(address, length, true, headers);
    } else {
      status = Ipv6Parser.parse(address, length, true, headers);
    }
    return finish(status, headers);
  }

  private static HeaderStatus finish(HeaderStatus status, PacketHeaders headers) {
    headers.status = status;
    if (!status.knowsAddresses()) {
      headers.flow.clear();
    }
    return status;
  }

  private static HeaderStatus parseIpv4(
      long address, int length, boolean quoted, PacketHeaders headers) {
    if (length < Ipv4Header.MIN_LENGTH) {
      return HeaderStatus.TRUNCATED_IP_HEADER;
    }
    int headerLength = Ipv4Header.headerLength(address);
    if (headerLength < Ipv4Header.MIN_LENGTH) {
      return HeaderStatus.BAD_IP_HEADER_LENGTH;
    }
    int protocol = Ipv4Header.protocol(address);
    int end = Ipv4Header.totalLength(address);
    if (quoted || end == 0 && protocol == IpProtocol.TCP) {
      end = Integer.MAX_VALUE;
    }
    if (end < headerLength) {
      return HeaderStatus.BAD_TOTAL_LENGTH;
    }
    if (length < headerLength) {
      return HeaderStatus.TRUNCATED_IP_HEADER;
    }
    headers.flow.ipv4(Ipv4Header.source(address), Ipv4Header.destination(address), protocol, 0);
    int fragmentField = Ipv4Header.flagsAndFragmentOffset(address);
    if ((fragmentField & (Ipv4Header.MORE_FRAGMENTS | Ipv4Header.FRAGMENT_OFFSET_MASK)) != 0) {
      headers.fragment = true;
      headers.fragmentOffset = (fragmentField & Ipv4Header.FRAGMENT_OFFSET_MASK) << 3;
      headers.fragmentLength = Math.min(end, length) - headerLength;
      headers.moreFragments = (fragmentField & Ipv4Header.MORE_FRAGMENTS) != 0;
      headers.identification = Ipv4Header.identification(address);
      if (headers.fragmentOffset != 0) {
        return HeaderStatus.OK;
      }
    }
    return quoted
        ? TransportParser.parseQuoted(address, headerLength, length, protocol, headers)
        : TransportParser.parse(
            address, headerLength, Math.min(end, length), length, protocol, headers);
  }
}

package io.synlev.packet;

/** The transport part of {@link PacketParser}: ports, ICMP types, the echo identifier. */
final class TransportParser {

  private TransportParser() {}

  /**
   * @param offset where the transport header starts; at most {@code end}
   * @param end where the packet ends; at most {@code length}
   * @param length how many bytes are there
   */
  static HeaderStatus parse(
      long address, int offset, int end, int length, int protocol, PacketHeaders headers) {
    headers.transportOffset = offset;
    headers.end = end;
    long header = address + offset;
    int size = end - offset;
    if (!read(header, size, protocol, false, headers)) {
      return end < length
          ? HeaderStatus.HEADERS_BEYOND_LENGTH
          : HeaderStatus.TRUNCATED_TRANSPORT_HEADER;
    }
    return isLengthSound(header, size, protocol) ? HeaderStatus.OK : badLength(headers);
  }

  /** The same for what an error quotes: lengths are not judged, and the echo is the reply. */
  static HeaderStatus parseQuoted(
      long address, int offset, int length, int protocol, PacketHeaders headers) {
    headers.transportOffset = offset;
    headers.end = length;
    return read(address + offset, length - offset, protocol, true, headers)
        ? HeaderStatus.OK
        : HeaderStatus.TRUNCATED_TRANSPORT_HEADER;
  }

  private static boolean read(
      long header, int size, int protocol, boolean quoted, PacketHeaders headers) {
    return switch (protocol) {
      case IpProtocol.TCP -> ports(header, size, PacketKind.TCP, headers);
      case IpProtocol.UDP -> ports(header, size, PacketKind.UDP, headers);
      case IpProtocol.SCTP -> ports(header, size, PacketKind.SCTP, headers);
      case IpProtocol.ICMP, IpProtocol.ICMPV6 -> icmp(header, size, protocol, quoted, headers);
      default -> other(headers);
    };
  }

  private static int echoType(boolean v6, boolean quoted) {
    if (quoted) {
      return v6 ? IcmpHeader.ECHO_REPLY_V6 : IcmpHeader.ECHO_REPLY;
    }
    return v6 ? IcmpHeader.ECHO_REQUEST_V6 : IcmpHeader.ECHO_REQUEST;
  }

  private static boolean ports(long header, int size, PacketKind kind, PacketHeaders headers) {
    if (size < TransportHeader.PORTS_LENGTH) {
      return false;
    }
    headers.kind = kind;
    headers.flow.ports = TransportHeader.ports(header);
    return true;
  }

  private static boolean isLengthSound(long header, int size, int protocol) {
    if (protocol == IpProtocol.TCP) {
      return size <= TransportHeader.TCP_DATA_OFFSET_FIELD_OFFSET
          || TransportHeader.tcpHeaderLength(header) >= TransportHeader.TCP_MIN_LENGTH;
    }
    if (protocol == IpProtocol.UDP && size >= TransportHeader.UDP_LENGTH_FIELD_OFFSET + 2) {
      int length = TransportHeader.udpLength(header);
      return length == 0 || length >= TransportHeader.UDP_MIN_LENGTH;
    }
    return true;
  }

  private static HeaderStatus badLength(PacketHeaders headers) {
    headers.kind = PacketKind.UNKNOWN;
    headers.flow.ports = 0;
    return HeaderStatus.BAD_TRANSPORT_LENGTH;
  }

  private static boolean icmp(
      long header, int size, int protocol, boolean quoted, PacketHeaders headers) {
    boolean v6 = headers.flow.family == FlowKey.IPV6;
    if (v6 != (protocol == IpProtocol.ICMPV6)) {
      return other(headers);
    }
    if (size < 1) {
      return false;
    }
    int type = IcmpHeader.type(header);
    if (type == echoType(v6, quoted)) {
      if (size < IcmpHeader.IDENTIFIER_END) {
        return false;
      }
      headers.kind = PacketKind.ICMP_ECHO;
      headers.flow.ports = IcmpHeader.identifier(header) << 16;
    } else if (v6 ? IcmpHeader.isErrorV6(type) : IcmpHeader.isError(type)) {
      headers.kind = PacketKind.ICMP_ERROR;
    } else {
      headers.kind = PacketKind.ICMP_OTHER;
    }
    return true;
  }

  private static boolean other(PacketHeaders headers) {
    headers.kind = PacketKind.OTHER;
    return true;
  }
}

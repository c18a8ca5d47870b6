package io.synlev.steering;

import io.synlev.datapath.Reason;
import io.synlev.packet.FlowKey;
import io.synlev.packet.IcmpErrorParser;
import io.synlev.packet.IcmpHeader;
import io.synlev.packet.PacketHeaders;

/**
 * Finds the flow that an ICMP or ICMPv6 error is about, and says how sure that is; docs/icmp.md.
 *
 * <p>Belongs to one worker. Per packet nothing is allocated or thrown, and nothing outside the
 * packet is read.
 */
final class IcmpErrors {

  private final PacketHeaders quoted = new PacketHeaders();

  /** What {@link #judge} found last; its flow is from client to VIP. */
  PacketHeaders quoted() {
    return quoted;
  }

  /**
   * Reads the packet inside an error.
   *
   * @param error its headers: status OK and kind ICMP_ERROR
   * @return FORWARDED_ICMP_ERROR if the flow of {@link #quoted} is known, ICMP_ERROR_BY_ADDRESSES
   *     if its ports are not, otherwise why no backend can be named
   */
  Reason judge(long address, int length, PacketHeaders error) {
    if (error.flow.family == FlowKey.IPV4
        && IcmpHeader.type(address + error.transportOffset) == IcmpHeader.SOURCE_QUENCH) {
      return Reason.ICMP_SOURCE_QUENCH;
    }
    return switch (IcmpErrorParser.parse(address, length, error, quoted)) {
      case OK -> isForItsSender(error) ? judgeKind() : Reason.ICMP_ERROR_FOREIGN;
      case EMPTY, TRUNCATED_IP_HEADER, TRUNCATED_EXTENSION_HEADER, TRUNCATED_TRANSPORT_HEADER ->
          Reason.ICMP_ERROR_INNER_TRUNCATED;
      case BAD_VERSION,
          BAD_IP_HEADER_LENGTH,
          BAD_TOTAL_LENGTH,
          BAD_TRANSPORT_LENGTH,
          HEADERS_BEYOND_LENGTH,
          TOO_MANY_EXTENSION_HEADERS ->
          Reason.ICMP_ERROR_INNER_MALFORMED;
    };
  }

  /**
   * An error goes to the source of the packet it is about (RFC 792; RFC 4443, section 2.2). One
   * that does not could reach a backend without that VIP, which would forward it, round and round.
   */
  private boolean isForItsSender(PacketHeaders error) {
    return quoted.flow.destinationLow == error.flow.destinationLow
        && quoted.flow.destinationHigh == error.flow.destinationHigh;
  }

  private Reason judgeKind() {
    return switch (quoted.kind) {
      case TCP, UDP, SCTP, ICMP_ECHO -> Reason.FORWARDED_ICMP_ERROR;
      // A later fragment, or a protocol without ports.
      case UNKNOWN, OTHER -> Reason.ICMP_ERROR_BY_ADDRESSES;
      case ICMP_ERROR, ICMP_OTHER -> Reason.ICMP_ERROR_INNER_UNKNOWN;
    };
  }
}

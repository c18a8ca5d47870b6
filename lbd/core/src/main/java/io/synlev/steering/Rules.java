package io.synlev.steering;

import io.synlev.datapath.Reason;
import io.synlev.packet.HeaderStatus;
import io.synlev.packet.PacketKind;

/**
 * The options, laid out by kind of packet, and the reasons that go with kinds and statuses.
 * Immutable.
 */
final class Rules {

  private static final Reason[] REASON_BY_KIND = new Reason[PacketKind.values().length];
  private static final Reason[] REASON_BY_STATUS = new Reason[HeaderStatus.values().length];

  static {
    for (PacketKind kind : PacketKind.values()) {
      REASON_BY_KIND[kind.ordinal()] =
          switch (kind) {
            case UNKNOWN -> Reason.UNDECIDED;
            case TCP -> Reason.FORWARDED_TCP;
            case UDP -> Reason.FORWARDED_UDP;
            case SCTP -> Reason.SCTP;
            case ICMP_ECHO -> Reason.FORWARDED_ICMP_ECHO;
            case ICMP_ERROR -> Reason.ICMP_ERROR;
            case ICMP_OTHER -> Reason.ICMP_OTHER;
            case OTHER -> Reason.OTHER_PROTOCOL;
          };
    }
    for (HeaderStatus status : HeaderStatus.values()) {
      REASON_BY_STATUS[status.ordinal()] =
          switch (status) {
            case OK -> Reason.UNDECIDED;
            case EMPTY -> Reason.EMPTY;
            case BAD_VERSION -> Reason.BAD_IP_VERSION;
            case TRUNCATED_IP_HEADER -> Reason.TRUNCATED_IP_HEADER;
            case BAD_IP_HEADER_LENGTH -> Reason.BAD_HEADER_LENGTH;
            case BAD_TOTAL_LENGTH -> Reason.BAD_TOTAL_LENGTH;
            case TRUNCATED_EXTENSION_HEADER -> Reason.TRUNCATED_EXTENSION_HEADER;
            case TOO_MANY_EXTENSION_HEADERS -> Reason.TOO_MANY_EXTENSION_HEADERS;
            case TRUNCATED_TRANSPORT_HEADER -> Reason.TRUNCATED_L4_HEADER;
            case HEADERS_BEYOND_LENGTH -> Reason.HEADERS_BEYOND_LENGTH;
            case BAD_TRANSPORT_LENGTH -> Reason.BAD_TRANSPORT_LENGTH;
          };
    }
  }

  final Outcome noService;
  final Outcome noBackend;
  final Outcome malformed;
  final Treatment fragments;
  private final Treatment[] byKind = new Treatment[PacketKind.values().length];

  Rules(SteeringOptions options) {
    noService = options.noService();
    noBackend = options.noBackend();
    malformed = options.malformed();
    fragments = options.fragments();
    for (PacketKind kind : PacketKind.values()) {
      byKind[kind.ordinal()] =
          switch (kind) {
            case TCP, UDP, SCTP, ICMP_ECHO -> Treatment.BY_FLOW;
            case ICMP_ERROR -> options.icmpErrors();
            case ICMP_OTHER -> options.icmpOthers();
            case OTHER -> options.otherProtocols();
            // Never asked: a packet in one piece whose kind is unknown is malformed.
            case UNKNOWN -> Treatment.DROP;
          };
    }
  }

  Treatment treatment(PacketKind kind) {
    return byKind[kind.ordinal()];
  }

  static Reason reason(PacketKind kind) {
    return REASON_BY_KIND[kind.ordinal()];
  }

  static Reason reason(HeaderStatus status) {
    return REASON_BY_STATUS[status.ordinal()];
  }

  /**
   * Why a first fragment with these headers is dropped. One that ends inside its headers cannot be
   * decided, and no sender that follows RFC 791 (a payload of 8 bytes or more), RFC 1858, section
   * 3, or RFC 7112, section 5, makes it.
   */
  static Reason fragmentReason(HeaderStatus status) {
    return switch (status) {
      case TRUNCATED_EXTENSION_HEADER, TRUNCATED_TRANSPORT_HEADER, HEADERS_BEYOND_LENGTH ->
          Reason.FRAGMENT_FIRST_TOO_SHORT;
      default -> reason(status);
    };
  }
}

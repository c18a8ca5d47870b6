package io.synlev.nat;

import io.synlev.packet.FlowKey;
import io.synlev.packet.HeaderStatus;
import io.synlev.packet.IcmpErrorParser;
import io.synlev.packet.IcmpHeader;
import io.synlev.packet.PacketHeaders;
import io.synlev.packet.PacketKind;

/** Which packets can be translated, as far as their bytes say it. Pure. Hot. */
final class Translatable {

  private Translatable() {}

  /**
   * Checks a packet in one piece, or a first fragment.
   *
   * @param headers of it: sound
   * @param quoted gets those of the packet that an ICMP error quotes
   * @return TRANSLATED if nothing speaks against it
   */
  static NatOutcome check(long packet, int length, PacketHeaders headers, PacketHeaders quoted) {
    if (headers.kind == PacketKind.ICMP_ERROR) {
      return isError(packet, length, headers, quoted) && !Unchangeable.is(packet, headers)
          ? NatOutcome.TRANSLATED
          : NatOutcome.NOT_TRANSLATABLE;
    }
    if (!hasPorts(headers)) {
      return NatOutcome.NOT_TRANSLATABLE;
    }
    int size = headers.end - headers.transportOffset;
    if (size < Rewriter.needed(headers.flow.protocol)) {
      return headers.fragment ? NatOutcome.NOT_TRANSLATABLE : NatOutcome.MALFORMED;
    }
    return Unchangeable.is(packet, headers) ? NatOutcome.NOT_TRANSLATABLE : NatOutcome.TRANSLATED;
  }

  private static boolean hasPorts(PacketHeaders headers) {
    return headers.kind == PacketKind.TCP || headers.kind == PacketKind.UDP;
  }

  /**
   * Reads what an ICMP error quotes; whether it is the beginning of a TCP or UDP packet that the
   * error's receiver has sent. A redirect is for its receiver alone, and source quench is obsolete
   * (RFC 6633).
   */
  static boolean isError(long packet, int length, PacketHeaders headers, PacketHeaders quoted) {
    int type = IcmpHeader.type(packet + headers.transportOffset);
    boolean isMeantForUs =
        headers.flow.family == FlowKey.IPV4
            ? type == IcmpHeader.REDIRECT || type == IcmpHeader.SOURCE_QUENCH
            : type == IcmpHeader.REDIRECT_V6;
    if (isMeantForUs || headers.fragment) {
      return false;
    }
    HeaderStatus status = IcmpErrorParser.parse(packet, length, headers, quoted);
    return status == HeaderStatus.OK
        && hasPorts(quoted)
        && quoted.flow.destinationLow == headers.flow.destinationLow
        && quoted.flow.destinationHigh == headers.flow.destinationHigh;
  }
}

package io.synlev.steering;

import io.synlev.memory.Memory;
import io.synlev.packet.FlowKey;
import io.synlev.packet.IpProtocol;
import io.synlev.packet.PacketHeaders;
import io.synlev.packet.TransportHeader;
import io.synlev.state.ByteCondition;
import io.synlev.state.PortRange;
import io.synlev.state.Prefix;
import java.util.List;

/**
 * What a rule asks beyond destination, protocol and destination port: sources, source ports, bytes
 * of the transport header, and the ports of SCTP inside UDP. Immutable; nothing is allocated, and
 * nothing outside the packet is read: what is not there does not fit.
 */
final class Checks {

  /** Bytes of a UDP header, behind which SCTP starts (RFC 6951, section 5.1). */
  private static final int UDP_HEADER_LENGTH = 8;

  private final Prefix[] sources;
  private final PortRange[] sourcePorts;
  private final ByteCondition[] conditions;
  private final boolean sctpOverUdp;
  private final PortRange[] innerPorts;

  private Checks(
      List<Prefix> sources,
      List<PortRange> sourcePorts,
      List<ByteCondition> conditions,
      boolean sctpOverUdp,
      List<PortRange> innerPorts) {
    this.sources = sources.toArray(Prefix[]::new);
    this.sourcePorts = sourcePorts.toArray(PortRange[]::new);
    this.conditions = conditions.toArray(ByteCondition[]::new);
    this.sctpOverUdp = sctpOverUdp;
    this.innerPorts = innerPorts.toArray(PortRange[]::new);
  }

  /** What a rule asks; null if there is nothing to ask. */
  static Checks of(Rule rule) {
    return rule.sources().isEmpty()
            && rule.sourcePorts().isEmpty()
            && rule.conditions().isEmpty()
            && !rule.sctpOverUdp()
        ? null
        : new Checks(
            rule.sources(),
            rule.sourcePorts(),
            rule.conditions(),
            rule.sctpOverUdp(),
            rule.innerPorts());
  }

  /**
   * Whether a packet fits.
   *
   * @param match its ports and protocol become those inside if it fits for SCTP inside UDP
   */
  boolean fit(PacketHeaders headers, Match match) {
    if (!sourceFits(headers.flow)) {
      return false;
    }
    if (sctpOverUdp) {
      return fitInside(headers, match);
    }
    if (!portFits(sourcePorts, headers.flow.ports >>> 16)) {
      return false;
    }
    match.byBytes |= conditions.length != 0;
    return conditionsFit(headers, headers.transportOffset);
  }

  private boolean fitInside(PacketHeaders headers, Match match) {
    match.byBytes = true;
    int offset = headers.transportOffset + UDP_HEADER_LENGTH;
    if (headers.transportOffset < 0 || offset + TransportHeader.PORTS_LENGTH > headers.end) {
      match.cut = true;
      return false;
    }
    int ports = TransportHeader.ports(headers.address + offset);
    if (headers.quoted) {
      ports = ports << 16 | ports >>> 16;
    }
    if (portFits(innerPorts, ports & 0xffff)
        && portFits(sourcePorts, ports >>> 16)
        && conditionsFit(headers, offset)) {
      match.ports = ports;
      match.protocol = IpProtocol.SCTP;
      match.sctpOverUdp = true;
      return true;
    }
    return false;
  }

  private boolean sourceFits(FlowKey flow) {
    for (Prefix source : sources) {
      if (source.contains(flow.family == FlowKey.IPV6, flow.sourceHigh, flow.sourceLow)) {
        return true;
      }
    }
    return sources.length == 0;
  }

  private static boolean portFits(PortRange[] ranges, int port) {
    for (PortRange range : ranges) {
      if (range.contains(port)) {
        return true;
      }
    }
    return ranges.length == 0;
  }

  private boolean conditionsFit(PacketHeaders headers, int offset) {
    // A quoted header is one of the other direction: its bytes say nothing.
    return headers.quoted || conditionsFit(headers.address, offset, headers.end);
  }

  private boolean conditionsFit(long address, int offset, int end) {
    for (ByteCondition condition : conditions) {
      int at = offset + condition.offset();
      if (offset < 0 || at + condition.width() > end) {
        return false;
      }
      if ((read(address + at, condition.width()) & condition.mask()) != condition.value()) {
        return false;
      }
    }
    return true;
  }

  private static int read(long at, int width) {
    return switch (width) {
      case 1 -> Memory.getByte(at) & 0xff;
      case 2 -> Memory.getShortBe(at) & 0xffff;
      default -> Memory.getIntBe(at);
    };
  }
}

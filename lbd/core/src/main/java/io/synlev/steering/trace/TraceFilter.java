package io.synlev.steering.trace;

import io.synlev.datapath.Decision;
import io.synlev.datapath.Reason;
import io.synlev.packet.FlowKey;
import io.synlev.packet.IpProtocol;
import io.synlev.packet.PacketHeaders;
import io.synlev.packet.PacketKind;
import io.synlev.packet.TransportHeader;
import io.synlev.state.Prefix;
import java.util.Set;

/**
 * Which packets are looked at: those that fit every part. Addresses and ports are the packet's own,
 * not those of a packet that an ICMP error quotes. Immutable; asking allocates nothing.
 */
public final class TraceFilter {

  /** What a part says that is not asked for. */
  public static final int ANY = -1;

  /** ICMP in IPv4 packets and ICMPv6 in IPv6 packets. */
  public static final int ICMP = -2;

  private final String service;
  private final Prefix vip;
  private final Prefix source;
  private final int protocol;
  private final int port;
  private final int sourcePort;
  private final int flagsMask;
  private final int flagsValue;
  private final boolean[] reasons;
  private final int[] marks;

  /**
   * What is asked for.
   *
   * @param service a service's name; null for any, and for none
   * @param vip what the destination lies in; null for any
   * @param source what the source lies in; null for any
   * @param protocol of the IP header, 0 to 255, {@link #ICMP} or {@link #ANY}
   * @param port the destination port, or {@link #ANY}
   * @param sourcePort the source port or echo identifier, or {@link #ANY}
   * @param flagsMask which of TCP's flags are looked at; 0 for packets of any protocol
   * @param flagsValue what they must be
   * @param reasons the decisions' reasons; empty for any
   * @param marks fwmarks of backends; empty for any, and for none
   */
  public record Parts(
      String service,
      Prefix vip,
      Prefix source,
      int protocol,
      int port,
      int sourcePort,
      int flagsMask,
      int flagsValue,
      Set<Reason> reasons,
      Set<Integer> marks) {

    /** Everything. */
    public static final Parts ALL =
        new Parts(null, null, null, ANY, ANY, ANY, 0, 0, Set.of(), Set.of());
  }

  /** Asks for these. */
  public TraceFilter(Parts parts) {
    service = parts.service;
    vip = parts.vip;
    source = parts.source;
    protocol = parts.protocol;
    port = parts.port;
    sourcePort = parts.sourcePort;
    flagsMask = parts.flagsMask;
    flagsValue = parts.flagsValue;
    marks = parts.marks.stream().mapToInt(Integer::intValue).toArray();
    reasons = parts.reasons.isEmpty() ? null : new boolean[Reason.LIMIT];
    for (Reason reason : parts.reasons) {
      reasons[reason.id()] = true;
    }
  }

  /** The service's name, or null. */
  String service() {
    return service;
  }

  /** Whether the packet's bytes have to be looked at. */
  boolean asksForHeaders() {
    return vip != null
        || source != null
        || protocol != ANY
        || port != ANY
        || sourcePort != ANY
        || flagsMask != 0;
  }

  /**
   * Whether what was decided fits.
   *
   * @param serviceIndex where the service stands in the view, or {@link #ANY}
   */
  boolean fits(Decision decision, int serviceIndex) {
    return (service == null || serviceIndex != ANY && decision.service == serviceIndex)
        && (reasons == null || reasons[decision.reason.id()])
        && (marks.length == 0 || decision.backend != Decision.NO_BACKEND && hasMark(decision.mark));
  }

  private boolean hasMark(int mark) {
    for (int one : marks) {
      if (one == mark) {
        return true;
      }
    }
    return false;
  }

  /** Whether the packet itself fits. */
  boolean fits(PacketHeaders headers) {
    if (!headers.status.knowsAddresses()) {
      return false;
    }
    FlowKey flow = headers.flow;
    boolean ipv6 = flow.family == FlowKey.IPV6;
    return (vip == null || vip.contains(ipv6, flow.destinationHigh, flow.destinationLow))
        && (source == null || source.contains(ipv6, flow.sourceHigh, flow.sourceLow))
        && (protocol == ANY || flow.protocol == wanted(ipv6))
        && (port == ANY || knowsPorts(headers) && (flow.ports & 0xffff) == port)
        && (sourcePort == ANY
            || (knowsPorts(headers) || headers.kind == PacketKind.ICMP_ECHO)
                && flow.ports >>> 16 == sourcePort)
        && (flagsMask == 0 || hasFlags(headers));
  }

  private int wanted(boolean ipv6) {
    return protocol != ICMP ? protocol : ipv6 ? IpProtocol.ICMPV6 : IpProtocol.ICMP;
  }

  private static boolean knowsPorts(PacketHeaders headers) {
    return switch (headers.kind) {
      case TCP, UDP, SCTP -> true;
      default -> false;
    };
  }

  private boolean hasFlags(PacketHeaders headers) {
    int at = headers.transportOffset;
    return headers.kind == PacketKind.TCP
        && at + TransportHeader.TCP_FLAGS_FIELD_OFFSET < headers.end
        && (TransportHeader.tcpFlags(headers.address + at, headers.end - at) & flagsMask)
            == flagsValue;
  }
}

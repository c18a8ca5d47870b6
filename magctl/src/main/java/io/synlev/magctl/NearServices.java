package io.synlev.magctl;

import io.synlev.packet.FlowKey;
import io.synlev.packet.IpProtocol;
import io.synlev.packet.PacketHeaders;
import io.synlev.packet.PacketKind;
import io.synlev.state.PortRange;
import io.synlev.state.Prefix;
import io.synlev.state.Protocol;
import io.synlev.state.Service;
import java.util.ArrayList;
import java.util.List;

/** Services that have a packet's destination and do not take the packet all the same. */
final class NearServices {
  private static final int MOST = 5;

  private NearServices() {}

  /**
   * Says of each what does not fit.
   *
   * @param headers of a packet whose addresses are known
   * @return a sentence for each, at most five
   */
  static List<String> of(List<Service> services, PacketHeaders headers) {
    List<String> near = new ArrayList<>();
    for (Service service : services) {
      if (has(service.vips(), headers.flow, false) && near.size() < MOST) {
        near.add(service.name() + ": " + unfit(service, headers));
      }
    }
    return near;
  }

  private static String unfit(Service service, PacketHeaders headers) {
    if (!service.match().protocols().contains(protocol(headers))) {
      return "for " + ServiceText.protocols(service);
    }
    int ports = headers.flow.ports;
    if (!has(service.match().ports(), ports & 0xffff)) {
      return "for port " + ServiceText.words(",", service.match().ports());
    }
    if (!has(service.match().sources(), headers.flow, true)) {
      return "from " + ServiceText.words(" ", service.match().sources());
    }
    if (!has(service.match().sourcePorts(), ports >>> 16)) {
      return "from source port " + ServiceText.words(",", service.match().sourcePorts());
    }
    if (!service.match().conditions().isEmpty()) {
      return "if " + ServiceText.words(" and ", service.match().conditions());
    }
    return ServiceText.packets(service) + ServiceText.handling(service);
  }

  private static Protocol protocol(PacketHeaders headers) {
    boolean isIcmp =
        headers.kind == PacketKind.ICMP_ECHO
            || headers.kind == PacketKind.ICMP_ERROR
            || headers.kind == PacketKind.ICMP_OTHER;
    return switch (headers.flow.protocol) {
      case IpProtocol.TCP -> Protocol.TCP;
      case IpProtocol.UDP -> Protocol.UDP;
      case IpProtocol.SCTP -> Protocol.SCTP;
      default -> isIcmp ? Protocol.ICMP : Protocol.OTHER;
    };
  }

  private static boolean has(List<Prefix> prefixes, FlowKey flow, boolean isSource) {
    boolean ipv6 = flow.family == FlowKey.IPV6;
    for (Prefix prefix : prefixes) {
      if (isSource
          ? prefix.contains(ipv6, flow.sourceHigh, flow.sourceLow)
          : prefix.contains(ipv6, flow.destinationHigh, flow.destinationLow)) {
        return true;
      }
    }
    return prefixes.isEmpty();
  }

  private static boolean has(List<PortRange> ranges, int port) {
    for (PortRange range : ranges) {
      if (range.contains(port)) {
        return true;
      }
    }
    return ranges.isEmpty();
  }
}

package io.synlev.magctl;

import io.synlev.packet.FlowKey;
import io.synlev.packet.IcmpErrorParser;
import io.synlev.packet.IpProtocol;
import io.synlev.packet.PacketHeaders;
import io.synlev.packet.PacketKind;
import io.synlev.packet.PacketParser;
import io.synlev.packet.TransportHeader;
import io.synlev.state.Addresses;
import java.net.InetAddress;

/**
 * What a packet is, for people. Wants a packet that {@link PacketMemory} holds, and the headers
 * that {@link PacketParser} found there.
 */
final class PacketText {
  private PacketText() {}

  /** One line: {@code tcp 192.0.2.1:1234 > 10.0.0.0:80 [S]}, or what is wrong with it. */
  static String line(PacketHeaders headers, int length) {
    if (!headers.status.knowsAddresses()) {
      return "no readable IP packet of " + Text.plural(length, "byte");
    }
    StringBuilder text = new StringBuilder(flow(headers));
    if (headers.kind == PacketKind.TCP) {
      text.append(flags(headers));
    }
    if (headers.kind == PacketKind.ICMP_ERROR && !headers.fragment) {
      PacketHeaders quoted = quoted(headers, length);
      if (quoted != null) {
        text.append(" about ").append(flow(quoted));
      }
    }
    if (headers.fragment) {
      text.append(" fragment at ").append(headers.fragmentOffset);
      text.append(headers.moreFragments ? "+" : ", the last");
    }
    return text.toString();
  }

  private static String flags(PacketHeaders headers) {
    int at = headers.transportOffset;
    int size = headers.end - at;
    return size > TransportHeader.TCP_FLAGS_FIELD_OFFSET
        ? " [" + TcpFlags.letters(TransportHeader.tcpFlags(headers.address + at, size)) + "]"
        : "";
  }

  /** The flow that an ICMP error is about, from client to VIP; null if it cannot be read. */
  static PacketHeaders quoted(PacketHeaders error, int length) {
    PacketHeaders quoted = new PacketHeaders();
    return IcmpErrorParser.parse(error.address, length, error, quoted).knowsAddresses()
        ? quoted
        : null;
  }

  /** {@code udp 192.0.2.1:53 > 10.0.0.0:53}. */
  static String flow(PacketHeaders headers) {
    return protocol(headers)
        + " "
        + endpoint(headers, source(headers.flow), headers.flow.ports >>> 16)
        + " > "
        + endpoint(headers, destination(headers.flow), headers.flow.ports & 0xffff);
  }

  private static String endpoint(PacketHeaders headers, InetAddress address, int port) {
    boolean isIpv4 = headers.flow.family == FlowKey.IPV4;
    String text = Addresses.format(address);
    return switch (headers.kind) {
      case TCP, UDP, SCTP -> (isIpv4 ? text : "[" + text + "]") + ":" + port;
      default -> text;
    };
  }

  /** What the protocol is called, with what tells ICMP messages apart. */
  static String protocol(PacketHeaders headers) {
    FlowKey flow = headers.flow;
    boolean isIpv4 = flow.family == FlowKey.IPV4;
    return switch (headers.kind) {
      case ICMP_ECHO -> "icmp echo request id " + (flow.ports >>> 16);
      case ICMP_ERROR -> "icmp error";
      case ICMP_OTHER -> "icmp";
      default ->
          switch (flow.protocol) {
            case IpProtocol.TCP -> "tcp";
            case IpProtocol.UDP -> "udp";
            case IpProtocol.SCTP -> "sctp";
            case IpProtocol.ICMP -> isIpv4 ? "icmp" : "protocol 1";
            case IpProtocol.ICMPV6 -> isIpv4 ? "protocol 58" : "icmp";
            default -> "protocol " + flow.protocol;
          };
    };
  }

  /** Who sends. */
  static InetAddress source(FlowKey flow) {
    return address(flow, flow.sourceHigh, flow.sourceLow);
  }

  /** Who is addressed. */
  static InetAddress destination(FlowKey flow) {
    return address(flow, flow.destinationHigh, flow.destinationLow);
  }

  private static InetAddress address(FlowKey flow, long high, long low) {
    return Addresses.of(flow.family == FlowKey.IPV6, high, low);
  }
}

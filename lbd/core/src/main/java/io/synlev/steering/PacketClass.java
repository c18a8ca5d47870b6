package io.synlev.steering;

import io.synlev.packet.FlowKey;
import io.synlev.packet.IpProtocol;
import io.synlev.packet.PacketKind;
import io.synlev.state.Protocol;

/** Kinds of packets that services are looked up for, each in a table of its own. */
enum PacketClass {
  TCP,
  UDP,
  SCTP,

  /** Echo requests: services for ICMP first, then those that take echo requests, too. */
  ECHO,

  /** Other ICMP: services for ICMP first, then every service of the VIP. */
  ICMP,

  /** Protocols without a name here. */
  OTHER,

  /** TCP whose ports are not known: a later fragment, or a cut header. */
  TCP_WITHOUT_PORTS,
  UDP_WITHOUT_PORTS,
  SCTP_WITHOUT_PORTS,

  /** Nothing known but the addresses. */
  ANY;

  private static final PacketClass[] BY_KIND = new PacketClass[PacketKind.values().length];

  static {
    for (PacketKind kind : PacketKind.values()) {
      BY_KIND[kind.ordinal()] =
          switch (kind) {
            case TCP -> TCP;
            case UDP -> UDP;
            case SCTP -> SCTP;
            case ICMP_ECHO -> ECHO;
            case ICMP_ERROR, ICMP_OTHER -> ICMP;
            case OTHER -> OTHER;
            case UNKNOWN -> ANY;
          };
    }
  }

  static PacketClass of(PacketKind kind) {
    return BY_KIND[kind.ordinal()];
  }

  /** The class of a packet of TCP, UDP or SCTP whose ports are known. */
  static PacketClass ofProtocol(int protocol) {
    return protocol == IpProtocol.UDP ? UDP : protocol == IpProtocol.TCP ? TCP : SCTP;
  }

  /** The class of a packet of which only addresses and protocol are known. */
  static PacketClass withoutPorts(FlowKey flow) {
    return switch (flow.protocol) {
      case IpProtocol.TCP -> TCP_WITHOUT_PORTS;
      case IpProtocol.UDP -> UDP_WITHOUT_PORTS;
      case IpProtocol.SCTP -> SCTP_WITHOUT_PORTS;
      // Which message it is a part of is not known: any.
      case IpProtocol.ICMP -> flow.family == FlowKey.IPV4 ? ICMP : OTHER;
      case IpProtocol.ICMPV6 -> flow.family == FlowKey.IPV6 ? ICMP : OTHER;
      // In IPv6 this may be an extension header that stands behind the fragment header.
      default -> flow.family == FlowKey.IPV4 ? OTHER : ANY;
    };
  }

  /** The same when the ports are not known; itself if it never has any. */
  PacketClass withoutPorts() {
    return switch (this) {
      case TCP -> TCP_WITHOUT_PORTS;
      case UDP -> UDP_WITHOUT_PORTS;
      case SCTP -> SCTP_WITHOUT_PORTS;
      default -> this;
    };
  }

  /** The protocol that a service must be for; null if any will do. */
  Protocol protocol() {
    return switch (this) {
      case TCP, TCP_WITHOUT_PORTS -> Protocol.TCP;
      case UDP, UDP_WITHOUT_PORTS -> Protocol.UDP;
      case SCTP, SCTP_WITHOUT_PORTS -> Protocol.SCTP;
      case ECHO, ICMP -> Protocol.ICMP;
      case OTHER -> Protocol.OTHER;
      case ANY -> null;
    };
  }

  boolean knowsPorts() {
    return this == TCP || this == UDP || this == SCTP;
  }
}

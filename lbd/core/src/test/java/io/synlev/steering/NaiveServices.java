package io.synlev.steering;

import io.synlev.datapath.Reason;
import io.synlev.packet.FlowKey;
import io.synlev.packet.PacketHeaders;
import io.synlev.packet.PacketKind;
import io.synlev.state.ByteCondition;
import io.synlev.state.PortRange;
import io.synlev.state.Prefix;
import io.synlev.state.Protocol;
import io.synlev.state.Service;
import io.synlev.state.ServiceMatch;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Which service a packet is for, found by asking each of them: the yardstick of the tests. */
final class NaiveServices {

  /** A service, and with which of its VIPs it wants the packet. */
  private record Bid(Service service, Prefix vip, boolean borrowed) {}

  private static final Comparator<Bid> BEST =
      Comparator.<Bid, Boolean>comparing(bid -> bid.borrowed)
          .thenComparing(bid -> -bid.service.priority())
          .thenComparing(bid -> -bid.vip.length())
          .thenComparing(bid -> ports(bid.service.match().ports()))
          .thenComparing(NaiveServices::wideness)
          .thenComparing(bid -> ports(bid.service.match().sourcePorts()))
          .thenComparing(bid -> -bid.service.match().conditions().size())
          .thenComparing(bid -> bid.service.match().protocols().size())
          .thenComparing(bid -> bid.service.name());

  private final List<Service> services;

  NaiveServices(List<Service> services) {
    this.services = services;
  }

  private static int ports(List<PortRange> ranges) {
    return ranges.isEmpty()
        ? 65536
        : ranges.stream().mapToInt(range -> range.last() - range.first() + 1).sum();
  }

  private static int wideness(Bid bid) {
    return bid.service.match().sources().stream()
        .filter(source -> source.ipv6() == bid.vip.ipv6())
        .mapToInt(source -> -source.length())
        .max()
        .orElse(0);
  }

  /** The service's name, if there is one. */
  Optional<String> find(byte[] packet, PacketHeaders headers) {
    return services.stream()
        .flatMap(service -> bids(service, packet, headers))
        .min(BEST)
        .map(bid -> bid.service.name());
  }

  /** Whether a refusal is the right one. */
  boolean explains(Reason reason, PacketHeaders headers) {
    FlowKey flow = headers.flow;
    boolean vip = services.stream().anyMatch(service -> has(service.vips(), flow, false));
    return (reason == Reason.NO_SERVICE) == !vip;
  }

  private static boolean has(List<Prefix> prefixes, FlowKey flow, boolean source) {
    return prefixes.stream().anyMatch(prefix -> has(prefix, flow, source));
  }

  private static boolean has(Prefix prefix, FlowKey flow, boolean source) {
    boolean ipv6 = flow.family == FlowKey.IPV6;
    if (prefix.ipv6() != ipv6) {
      return false;
    }
    int unused = (ipv6 ? 128 : 32) - prefix.length();
    BigInteger address =
        source
            ? number(flow.sourceHigh, flow.sourceLow)
            : number(flow.destinationHigh, flow.destinationLow);
    return address
        .shiftRight(unused)
        .equals(number(prefix.high(), prefix.low()).shiftRight(unused));
  }

  private static BigInteger number(long high, long low) {
    return new BigInteger(Long.toUnsignedString(high))
        .shiftLeft(64)
        .add(new BigInteger(Long.toUnsignedString(low)));
  }

  private Stream<Bid> bids(Service service, byte[] packet, PacketHeaders headers) {
    boolean wants = wants(service, packet, headers);
    boolean takes =
        !wants
            && switch (headers.kind) {
              case ICMP_ECHO ->
                  service.handling().echo()
                      && sourceFits(service, headers)
                      && !isFor(service, headers.kind);
              case ICMP_ERROR, ICMP_OTHER -> true;
              default -> false;
            };
    return service.vips().stream()
        .filter(vip -> has(vip, headers.flow, false))
        .filter(vip -> wants || takes)
        .map(vip -> new Bid(service, vip, !wants));
  }

  private static boolean sourceFits(Service service, PacketHeaders headers) {
    List<Prefix> sources = service.match().sources();
    return sources.isEmpty() || has(sources, headers.flow, true);
  }

  private static Protocol protocol(PacketKind kind) {
    return switch (kind) {
      case TCP -> Protocol.TCP;
      case UDP -> Protocol.UDP;
      case SCTP -> Protocol.SCTP;
      case ICMP_ECHO, ICMP_ERROR, ICMP_OTHER -> Protocol.ICMP;
      default -> Protocol.OTHER;
    };
  }

  /** Whether a service is for packets of this kind at all. */
  private static boolean isFor(Service service, PacketKind kind) {
    ServiceMatch match = service.match();
    boolean rightHeader =
        match.conditions().stream().allMatch(c -> c.header().protocol() == protocol(kind));
    boolean hasPorts = kind == PacketKind.TCP || kind == PacketKind.UDP || kind == PacketKind.SCTP;
    return match.protocols().contains(protocol(kind))
        && rightHeader
        && (hasPorts || match.ports().isEmpty() && match.sourcePorts().isEmpty());
  }

  private static boolean wants(Service service, byte[] packet, PacketHeaders headers) {
    if (!sourceFits(service, headers)) {
      return false;
    }
    int at = headers.transportOffset;
    byte[] whole = Arrays.copyOf(packet, headers.end);
    if (isFor(service, headers.kind) && fits(service.match(), headers.kind, whole, at)) {
      return true;
    }
    boolean inside =
        headers.kind == PacketKind.UDP
            && service.handling().sctpOverUdpPort() != 0
            && service.handling().sctpOverUdpPort() == (headers.flow.ports & 0xffff)
            && isFor(service, PacketKind.SCTP);
    return inside
        && whole.length >= at + 12
        && fits(service.match(), PacketKind.SCTP, whole, at + 8);
  }

  private static boolean fits(ServiceMatch match, PacketKind kind, byte[] packet, int at) {
    boolean hasPorts = kind == PacketKind.TCP || kind == PacketKind.UDP || kind == PacketKind.SCTP;
    if (hasPorts && !(in(match.sourcePorts(), packet, at) && in(match.ports(), packet, at + 2))) {
      return false;
    }
    return match.conditions().stream().allMatch(condition -> met(condition, packet, at));
  }

  private static boolean in(List<PortRange> ranges, byte[] packet, int at) {
    int port = (packet[at] & 0xff) * 256 + (packet[at + 1] & 0xff);
    return ranges.isEmpty()
        || ranges.stream().anyMatch(range -> range.first() <= port && port <= range.last());
  }

  private static boolean met(ByteCondition condition, byte[] packet, int at) {
    int first = at + condition.offset();
    if (first + condition.width() > packet.length) {
      return false;
    }
    byte[] bytes = Arrays.copyOfRange(packet, first, first + condition.width());
    return (new BigInteger(1, bytes).intValue() & condition.mask()) == condition.value();
  }
}

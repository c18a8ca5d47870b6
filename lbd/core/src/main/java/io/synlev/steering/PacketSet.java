package io.synlev.steering;

import io.synlev.state.Addresses;
import io.synlev.state.ByteCondition;
import io.synlev.state.PortRange;
import io.synlev.state.Prefix;
import io.synlev.state.Protocol;
import java.util.ArrayList;
import java.util.List;

/**
 * A set of packets of one protocol: a prefix of destinations, one of sources, a range of each port,
 * the least length of the transport header, and bits that it must have. Immutable.
 *
 * <p>Sets are taken apart exactly, so that what remains of one is known, not sampled.
 */
final class PacketSet {

  // Ranges: ports of the packet, ports of SCTP inside UDP, bytes from the header's start on.
  private static final int SOURCE_PORT = 0;
  private static final int PORT = 1;
  private static final int INNER_SOURCE_PORT = 2;
  private static final int INNER_PORT = 3;
  private static final int LENGTH = 4;
  private static final int RANGES = 5;

  /** Where ports are in the header. */
  private static final int[] OFFSET = {0, 2, 8, 10};

  private static final int UDP_HEADER_LENGTH = 8;
  private static final int BYTES = ByteCondition.REACH + UDP_HEADER_LENGTH;

  private final Protocol protocol;
  private final Prefix destination;
  private final Prefix source;
  private final int[] first;
  private final int[] last;
  private final byte[] mask;
  private final byte[] value;

  private PacketSet(
      Protocol protocol,
      Prefix destination,
      Prefix source,
      int[] first,
      int[] last,
      byte[] mask,
      byte[] value) {
    this.protocol = protocol;
    this.destination = destination;
    this.source = source;
    this.first = first;
    this.last = last;
    this.mask = mask;
    this.value = value;
  }

  /** Sets that together are the packets of a protocol that fit a rule; they do not overlap. */
  static List<PacketSet> of(Rule rule, Protocol protocol) {
    List<PacketSet> sets = new ArrayList<>();
    int sourcePort = rule.sctpOverUdp() ? INNER_SOURCE_PORT : SOURCE_PORT;
    for (Prefix source : sources(rule)) {
      for (PortRange ports : orAll(rule.ports())) {
        for (PortRange sourcePorts : orAll(rule.sourcePorts())) {
          for (PortRange innerPorts : orAll(rule.innerPorts())) {
            PacketSet set =
                all(protocol, rule.vip(), source)
                    .with(PORT, ports.first(), ports.last())
                    .with(sourcePort, sourcePorts.first(), sourcePorts.last())
                    .with(INNER_PORT, innerPorts.first(), innerPorts.last());
            sets.add(set.withConditions(rule));
          }
        }
      }
    }
    return sets;
  }

  private static List<Prefix> sources(Rule rule) {
    List<Prefix> apart = new ArrayList<>();
    for (Prefix source : rule.sources()) {
      if (rule.sources().stream().noneMatch(o -> !o.equals(source) && o.contains(source))) {
        apart.add(source);
      }
    }
    return apart.isEmpty() ? List.of(rule.vip().shortened(0)) : apart;
  }

  private static List<PortRange> orAll(List<PortRange> ranges) {
    return ranges.isEmpty() ? List.of(PortRange.ALL) : ranges;
  }

  private static PacketSet all(Protocol protocol, Prefix destination, Prefix source) {
    int least =
        switch (protocol) {
          case TCP -> 20;
          case SCTP -> 12;
          case UDP, ICMP -> 8;
          case OTHER -> 0;
        };
    int[] first = new int[RANGES];
    first[LENGTH] = least;
    int[] last = {PortRange.MAX, PortRange.MAX, PortRange.MAX, PortRange.MAX, PortRange.MAX};
    return new PacketSet(
        protocol, destination, source, first, last, new byte[BYTES], new byte[BYTES]);
  }

  private PacketSet with(int range, int from, int to) {
    int[] newFirst = first.clone();
    int[] newLast = last.clone();
    newFirst[range] = from;
    newLast[range] = to;
    return new PacketSet(protocol, destination, source, newFirst, newLast, mask, value);
  }

  private PacketSet with(Prefix newDestination, Prefix newSource) {
    return new PacketSet(protocol, newDestination, newSource, first, last, mask, value);
  }

  private PacketSet withBit(int at, int bit, boolean set) {
    byte[] newMask = mask.clone();
    byte[] newValue = value.clone();
    newMask[at] |= (byte) bit;
    newValue[at] = (byte) (set ? newValue[at] | bit : newValue[at] & ~bit);
    return new PacketSet(protocol, destination, source, first, last, newMask, newValue);
  }

  private PacketSet withConditions(Rule rule) {
    int start = rule.sctpOverUdp() ? UDP_HEADER_LENGTH : 0;
    int length = Math.max(first[LENGTH], rule.sctpOverUdp() ? UDP_HEADER_LENGTH + 4 : 0);
    byte[] newMask = mask.clone();
    byte[] newValue = value.clone();
    for (ByteCondition condition : rule.conditions()) {
      for (int i = 0; i < condition.width(); i++) {
        int at = start + condition.offset() + i;
        int shift = 8 * (condition.width() - 1 - i);
        newMask[at] |= (byte) (condition.mask() >>> shift);
        newValue[at] |= (byte) (condition.value() >>> shift);
      }
      length = Math.max(length, start + condition.offset() + condition.width());
    }
    return new PacketSet(protocol, destination, source, first, last, newMask, newValue)
        .with(LENGTH, length, last[LENGTH]);
  }

  /** Whether some packet may be in both; of the same protocol. */
  boolean meets(PacketSet other) {
    if (!meet(destination, other.destination) || !meet(source, other.source)) {
      return false;
    }
    for (int i = 0; i < RANGES; i++) {
      if (first[i] > other.last[i] || other.first[i] > last[i]) {
        return false;
      }
    }
    for (int at = 0; at < BYTES; at++) {
      if (((value[at] ^ other.value[at]) & mask[at] & other.mask[at]) != 0) {
        return false;
      }
    }
    return true;
  }

  static boolean meet(Prefix a, Prefix b) {
    return a.contains(b) || b.contains(a);
  }

  /** What both have; they must {@link #meets meet}. */
  PacketSet and(PacketSet other) {
    PacketSet both =
        with(
            destination.contains(other.destination) ? other.destination : destination,
            source.contains(other.source) ? other.source : source);
    for (int i = 0; i < RANGES; i++) {
      both = both.with(i, Math.max(first[i], other.first[i]), Math.min(last[i], other.last[i]));
    }
    byte[] newMask = mask.clone();
    byte[] newValue = value.clone();
    for (int at = 0; at < BYTES; at++) {
      newMask[at] |= other.mask[at];
      newValue[at] |= other.value[at];
    }
    return new PacketSet(
        protocol, both.destination, both.source, both.first, both.last, newMask, newValue);
  }

  /** What this has and the other has not, in pieces; they must {@link #meets meet}. */
  List<PacketSet> without(PacketSet other) {
    List<PacketSet> pieces = new ArrayList<>();
    PacketSet rest = this;
    for (Prefix prefix : beside(destination, other.destination)) {
      pieces.add(with(prefix, source));
    }
    rest = rest.with(narrower(destination, other.destination), source);
    for (Prefix prefix : beside(source, other.source)) {
      pieces.add(rest.with(rest.destination, prefix));
    }
    rest = rest.with(rest.destination, narrower(source, other.source));
    for (int i = 0; i < RANGES; i++) {
      if (rest.first[i] < other.first[i]) {
        pieces.add(rest.with(i, rest.first[i], other.first[i] - 1));
        rest = rest.with(i, other.first[i], rest.last[i]);
      }
      if (rest.last[i] > other.last[i]) {
        pieces.add(rest.with(i, other.last[i] + 1, rest.last[i]));
        rest = rest.with(i, rest.first[i], other.last[i]);
      }
    }
    for (int at = 0; at < BYTES; at++) {
      for (int bit = 0x80; bit != 0; bit >>= 1) {
        if ((other.mask[at] & bit) != 0 && (mask[at] & bit) == 0) {
          boolean set = (other.value[at] & bit) != 0;
          pieces.add(rest.withBit(at, bit, !set));
          rest = rest.withBit(at, bit, set);
        }
      }
    }
    return pieces;
  }

  private static Prefix narrower(Prefix a, Prefix b) {
    return a.length() >= b.length() ? a : b;
  }

  /** The prefixes that are together what the outer has and the inner has not; widest first. */
  private static List<Prefix> beside(Prefix outer, Prefix inner) {
    List<Prefix> prefixes = new ArrayList<>();
    for (int length = outer.length() + 1; length <= inner.length(); length++) {
      Prefix shortened = inner.shortened(length);
      int bit = (outer.ipv6() ? 128 : 32) - length;
      long high = bit >= 64 ? shortened.high() ^ 1L << bit - 64 : shortened.high();
      long low = bit < 64 ? shortened.low() ^ 1L << bit : shortened.low();
      prefixes.add(new Prefix(outer.ipv6(), high, low, length));
    }
    return prefixes;
  }

  /** Whether no packet is in it: the bits are not those of any port of its ranges. */
  boolean isEmpty() {
    if (!protocol.hasPorts()) {
      return false;
    }
    for (int i = 0; i < LENGTH; i++) {
      boolean inside = OFFSET[i] >= UDP_HEADER_LENGTH;
      if ((!inside || protocol == Protocol.UDP) && port(i) < 0) {
        return true;
      }
    }
    return false;
  }

  /** The lowest port of a range whose bits are right, or -1. */
  private int port(int range) {
    int at = OFFSET[range];
    int bits = (mask[at] & 0xff) << 8 | mask[at + 1] & 0xff;
    int wanted = (value[at] & 0xff) << 8 | value[at + 1] & 0xff;
    for (int port = first[range]; port <= last[range]; port++) {
      if ((port & bits) == (wanted & bits)) {
        return port;
      }
    }
    return -1;
  }

  /** One of its packets, for people: {@code tcp 198.51.100.0:0 > 203.0.113.7:80}. */
  String example() {
    String from = address(source);
    String to = address(destination);
    if (protocol.hasPorts()) {
      from += ":" + port(SOURCE_PORT);
      to += ":" + port(PORT);
    }
    return protocol.label() + " " + (source.length() == 0 ? "to " : from + " > ") + to + bits();
  }

  private static String address(Prefix prefix) {
    String text = Addresses.format(prefix.firstAddress());
    return prefix.ipv6() ? "[" + text + "]" : text;
  }

  private String bits() {
    for (byte bits : mask) {
      if (bits != 0) {
        return " with the header bytes that their conditions ask for";
      }
    }
    return "";
  }
}

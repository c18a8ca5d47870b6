package io.synlev.nat;

import io.synlev.memory.Memory;
import io.synlev.packet.FlowKey;
import io.synlev.packet.HeaderStatus;
import io.synlev.packet.Ipv4Header;
import io.synlev.packet.Ipv6Header;
import io.synlev.packet.PacketHeaders;
import io.synlev.packet.PacketParser;

/**
 * Tells whose replies are, by their destination alone. Belongs to one worker, but each comes to the
 * same result. Hot: what is for no source address ends after one look.
 */
final class Owners {

  private final Sources sources;
  private final PacketHeaders headers = new PacketHeaders();
  private final PacketHeaders quoted = new PacketHeaders();

  Owners(Sources sources) {
    this.sources = sources;
  }

  /** What {@link Translator#owner} says. */
  int of(long packet, int length) {
    if (!isToSource(packet, length)) {
      return Translator.NOT_SOURCE;
    }
    if (PacketParser.parse(packet, length, headers) != HeaderStatus.OK) {
      return Translator.NOBODY;
    }
    if (headers.fragmentOffset != 0) {
      return Translator.FRAGMENT;
    }
    return switch (headers.kind) {
      case TCP, UDP -> worker(headers.flow);
      case ICMP_ERROR ->
          Translatable.isError(packet, length, headers, quoted)
              ? worker(quoted.flow)
              : Translator.NOBODY;
      default -> Translator.NOBODY;
    };
  }

  private boolean isToSource(long packet, int length) {
    if (length < Ipv4Header.MIN_LENGTH) {
      return false;
    }
    int version = Memory.getByte(packet) >> 4;
    if (version == FlowKey.IPV4) {
      long destination = Ipv4Header.destination(packet) & 0xffff_ffffL;
      return sources.find(false, 0, destination) != Sources.NONE;
    }
    return version == FlowKey.IPV6
        && length >= Ipv6Header.LENGTH
        && sources.find(true, Ipv6Header.destinationHigh(packet), Ipv6Header.destinationLow(packet))
            != Sources.NONE;
  }

  private int worker(FlowKey flow) {
    int worker = sources.worker(flow.ports & 0xffff);
    return worker == Sources.NONE ? Translator.NOBODY : worker;
  }
}

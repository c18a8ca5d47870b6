package io.synlev.state;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What a service can be for. The constants' order is part of the layout. */
public enum Protocol {
  TCP,
  UDP,
  SCTP,
  /** ICMP in an IPv4 packet, ICMPv6 in an IPv6 packet. */
  ICMP,
  /** Every other IP protocol, such as GRE and ESP. */
  OTHER;

  /** All of them. */
  public static final Set<Protocol> ALL =
      Collections.unmodifiableSet(EnumSet.allOf(Protocol.class));

  /** Whether its packets carry a source and a destination port. */
  public boolean hasPorts() {
    return this == TCP || this == UDP || this == SCTP;
  }

  /** The name in commands. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Reads a name, or {@code all}.
   *
   * @throws StateException if it is none
   */
  public static Set<Protocol> parse(String word) {
    if (word.equalsIgnoreCase("all")) {
      return ALL;
    }
    for (Protocol protocol : values()) {
      if (protocol.name().equalsIgnoreCase(word)) {
        return Set.of(protocol);
      }
    }
    throw new StateException(
        "'" + word + "' is no protocol: choose from tcp, udp, sctp, icmp, other, all");
  }

  /** {@code all}, or the names joined by commas. */
  public static String format(Set<Protocol> protocols) {
    if (protocols.size() == ALL.size()) {
      return "all";
    }
    List<String> words = new ArrayList<>();
    for (Protocol protocol : values()) {
      if (protocols.contains(protocol)) {
        words.add(protocol.label());
      }
    }
    return String.join(",", words);
  }

  /** One bit for each, the first constant's lowest. */
  static int bits(Set<Protocol> protocols) {
    int bits = 0;
    for (Protocol protocol : protocols) {
      bits |= 1 << protocol.ordinal();
    }
    return bits;
  }

  static Set<Protocol> ofBits(int bits) {
    Set<Protocol> protocols = EnumSet.noneOf(Protocol.class);
    for (Protocol protocol : values()) {
      if ((bits & 1 << protocol.ordinal()) != 0) {
        protocols.add(protocol);
      }
    }
    return protocols;
  }
}

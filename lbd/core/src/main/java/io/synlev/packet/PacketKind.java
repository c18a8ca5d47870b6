package io.synlev.packet;

/** What a packet carries, as far as it matters for steering. */
public enum PacketKind {
  /** Not found out: a later fragment, or the headers are cut or malformed. */
  UNKNOWN,

  /** TCP, ports known. */
  TCP,

  /** UDP, ports known. */
  UDP,

  /** SCTP, ports known. */
  SCTP,

  /** An ICMP or ICMPv6 echo request; the identifier takes the place of the source port. */
  ICMP_ECHO,

  /** An ICMP or ICMPv6 message about a packet that it quotes: errors and redirects. */
  ICMP_ERROR,

  /** Any other ICMP or ICMPv6 message, echo replies and neighbour discovery among them. */
  ICMP_OTHER,

  /** Another protocol, encrypted payload, or nothing at all (IPv6 "no next header"). */
  OTHER
}

package io.synlev.nat;

/** What has become of a packet that was to be translated. Only a translated one was changed. */
public enum NatOutcome {
  /** It is translated, checksums included, and goes on; its TTL or hop limit is as it was. */
  TRANSLATED,

  /** A later fragment that is held until its first one comes: its memory is the holder's now. */
  HELD,

  /** A later fragment whose first one is not known: drop it, or try again after its burst. */
  FRAGMENT_EARLY,

  /** All source ports of this worker, protocol and family are in use by live sessions. */
  NO_PORT,

  /** The worker's table is full of live sessions. */
  NO_ROOM,

  /** No session has this packet, and it begins none. */
  NO_SESSION,

  /** It came for a session's port, but not from the session's backend. */
  WRONG_SENDER,

  /** The backend has no address of the packet's family: IPv4 and IPv6 are not translated. */
  WRONG_FAMILY,

  /** There is no source address of the packet's family. */
  NO_SOURCE,

  /**
   * Neither TCP, UDP nor an ICMP error about them; or its checksum cannot be corrected: behind an
   * authentication header, source routed, or a first fragment that ends before the checksum.
   */
  NOT_TRANSLATABLE,

  /** Its headers are cut or contradict each other. */
  MALFORMED
}

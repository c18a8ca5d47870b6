package io.synlev.bpf;

/** What the tc program does with a packet of a known flow. */
public enum TcMode {
  /** It sets the backend's mark; the host's stack routes by it, its firewall sees the packet. */
  MARK,
  /** It sends the packet to the backend's next hop at once: faster, and past the firewall. */
  REDIRECT
}

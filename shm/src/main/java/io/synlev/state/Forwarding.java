package io.synlev.state;

import java.util.Locale;

/** How the DPDK datapath carries packets to a pool's backends. The kernel's routes ignore it. */
public enum Forwarding {
  /** Same link: the packet gets the backend's Ethernet address; direct server return. */
  L2DSR,

  /** Anywhere: the packet travels inside another one to the backend's IP address. */
  IPIP,

  /**
   * Anywhere: the packet gets the backend's address, and one of the balancer's as its source, so
   * that replies come back to be translated, too.
   */
  NAT;

  /** The word for it in commands. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}

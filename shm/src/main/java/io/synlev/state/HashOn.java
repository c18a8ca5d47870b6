package io.synlev.state;

/** Which fields of a packet choose its slot. The constants' order is part of the layout. */
public enum HashOn {
  /** Addresses, protocol and ports: flows of one client spread. */
  TUPLE,
  /** Addresses alone: all flows of one client to one VIP share a backend. */
  ADDRESSES,
  /**
   * Ports and protocol alone: an association stays where it is whichever of its addresses it uses
   * (SCTP multihoming, RFC 9260, section 6.4). What has no ports is hashed on addresses.
   */
  PORTS;

  /** The name in commands. */
  public String label() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}

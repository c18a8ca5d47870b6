package io.synlev.state;

/** Which fields of a packet choose its slot. The constants' order is part of the layout. */
public enum HashOn {
  /** Addresses, protocol and ports: flows of one client spread. */
  TUPLE,
  /** Addresses alone: all flows of one client to one VIP share a backend. */
  ADDRESSES;

  /** The name in commands. */
  public String label() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}

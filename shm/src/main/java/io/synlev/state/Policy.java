package io.synlev.state;

/** How a pool's table is filled. The constants' order is part of the layout. */
public enum Policy {
  /** Consistent hashing: few flows move when the pool changes. */
  MAGLEV,
  /** Slot modulo number of backends, for comparison: nearly all flows move. Ignores weights. */
  MODULO,
  /**
   * New flows take backends in turn, by their weights, for datapaths that remember flows; their
   * turns are the table's slots, one after the other.
   */
  ROUND_ROBIN;

  /** The name in commands. */
  public String label() {
    return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
  }
}

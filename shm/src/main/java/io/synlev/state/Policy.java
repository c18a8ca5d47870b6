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
  ROUND_ROBIN,
  /**
   * New flows go to the one of two backends that has fewer flows for its weight, for datapaths that
   * remember flows. The table is Maglev's: a flow's hash names two of its slots.
   */
  LEAST_CONNECTIONS;

  /** Whether it is for datapaths that remember flows: others would ask anew with each packet. */
  public boolean needsFlows() {
    return this == ROUND_ROBIN || this == LEAST_CONNECTIONS;
  }

  /** The name in commands. */
  public String label() {
    return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
  }
}

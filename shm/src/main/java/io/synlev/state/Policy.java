package io.synlev.state;

/** How a pool's table is filled. The constants' order is part of the layout. */
public enum Policy {
  /** Consistent hashing: few flows move when the pool changes. */
  MAGLEV,
  /** Slot modulo number of backends, for comparison: nearly all flows move. Ignores weights. */
  MODULO;

  /** The name in commands. */
  public String label() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}

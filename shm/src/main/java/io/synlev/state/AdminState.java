package io.synlev.state;

/** What people decided about a backend. The constants' order is part of the layout. */
public enum AdminState {
  /** Gets no flows. */
  INACTIVE,
  /** Gets new flows. */
  ACTIVE,
  /** Gets no new flows; established ones may end in peace. */
  DRAINING;

  /** The name in commands. */
  public String label() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}

package io.synlev.steering.fragment;

/** How a fragment's data lie to those of its datagram that were seen before. */
public enum Coverage {
  /** Where nothing was seen before. */
  FRESH,

  /** Exactly where another was. */
  DUPLICATE,

  /** Partly where others were. */
  OVERLAP
}

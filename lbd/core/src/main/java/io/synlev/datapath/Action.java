package io.synlev.datapath;

/** What happens to a packet. */
public enum Action {
  /** The packet goes on with its mark untouched. */
  ACCEPT,
  /** The packet ends here. */
  DROP,
  /** The packet goes on with the mark {@code (old & ~mask) | decision.mark}. */
  MARK
}

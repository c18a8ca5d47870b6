package io.synlev.steering;

/** How a backend is chosen for a kind of packet, or that none is. */
public enum Treatment {
  /** The packet ends. */
  DROP,

  /** The packet goes on, its mark untouched: the kernel decides. */
  ACCEPT,

  /** The table decides by the addresses alone. */
  BY_ADDRESSES,

  /** The table decides as the pool says: by addresses, protocol and ports, or by addresses. */
  BY_FLOW
}

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
  BY_FLOW;

  /**
   * Reads {@code flow}, {@code addresses}, {@code accept} or {@code drop}.
   *
   * @throws IllegalArgumentException if it is none of them
   */
  public static Treatment parse(String text) {
    for (Treatment treatment : values()) {
      if (treatment.text().equals(text)) {
        return treatment;
      }
    }
    throw new IllegalArgumentException("'" + text + "' is none of flow, addresses, accept, drop");
  }

  /** The text that {@link #parse} reads. */
  public String text() {
    return switch (this) {
      case BY_FLOW -> "flow";
      case BY_ADDRESSES -> "addresses";
      case DROP -> "drop";
      case ACCEPT -> "accept";
    };
  }
}

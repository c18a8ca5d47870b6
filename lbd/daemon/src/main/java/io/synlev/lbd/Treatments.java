package io.synlev.lbd;

import io.synlev.steering.Treatment;

/** Reads and writes how ICMP errors are steered, as the option does. */
final class Treatments {

  private Treatments() {}

  /**
   * Reads {@code flow}, {@code addresses} or {@code drop}.
   *
   * @throws IllegalArgumentException if it is none of them
   */
  static Treatment parse(String text) {
    return switch (text) {
      case "flow" -> Treatment.BY_FLOW;
      case "addresses" -> Treatment.BY_ADDRESSES;
      case "drop" -> Treatment.DROP;
      default ->
          throw new IllegalArgumentException("'" + text + "' is none of flow, addresses, drop");
    };
  }

  /** The word for people; {@link #parse} reads all but {@code accept}. */
  static String format(Treatment treatment) {
    return switch (treatment) {
      case BY_FLOW -> "flow";
      case BY_ADDRESSES -> "addresses";
      case DROP -> "drop";
      case ACCEPT -> "accept";
    };
  }
}

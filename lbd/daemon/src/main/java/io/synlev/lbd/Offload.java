package io.synlev.lbd;

import java.util.Locale;

/** Who carries the packets of flows that have a backend already; as in {@code lbrules install}. */
enum Offload {
  /** Conntrack where the kernel has one that can be asked, otherwise nobody. */
  AUTO,
  /** Conntrack, in whose entries rules save the marks. */
  CONNTRACK,
  /** The tc program at the interfaces where clients' packets arrive. */
  TC,
  /** Nobody: all go by the table. */
  NONE,
  /** The DPDK datapath, through which all packets go. It is no choice: it comes with DPDK. */
  DPDK;

  /**
   * Reads the word of the option.
   *
   * @throws IllegalArgumentException if it is none
   */
  static Offload parse(String text) {
    for (Offload offload : values()) {
      if (offload != DPDK && offload.word().equals(text)) {
        return offload;
      }
    }
    throw new IllegalArgumentException("'" + text + "' is none of auto, conntrack, tc, none");
  }

  /** The word for people. */
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}

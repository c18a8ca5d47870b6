package io.synlev.magctl;

import java.util.List;
import java.util.Locale;

/**
 * TCP's flags as people write them (RFC 9293, section 3.1).
 *
 * @param mask which of them are looked at
 * @param value what those are
 */
record TcpFlags(int mask, int value) {
  /** The first packet of a connection. */
  static final TcpFlags SYN = new TcpFlags(0x12, 0x02);

  /** From the lowest bit up. */
  private static final List<String> NAMES =
      List.of("fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr");

  /** As tcpdump writes them. */
  private static final String LETTERS = "FSRP.UEW";

  /**
   * Reads flags that must be set, or with {@code !} must not: {@code syn,!ack}.
   *
   * @throws UsageException if one is unknown
   */
  static TcpFlags parse(String text) {
    int mask = 0;
    int value = 0;
    for (String word : text.toLowerCase(Locale.ROOT).split(",", -1)) {
      boolean isNot = word.startsWith("!");
      int bit = NAMES.indexOf(isNot ? word.substring(1) : word);
      if (bit < 0) {
        throw new UsageException(
            "'"
                + word
                + "' is no TCP flag: choose from "
                + String.join(", ", NAMES)
                + ", with ! for those that are not set");
      }
      mask |= 1 << bit;
      value |= isNot ? 0 : 1 << bit;
    }
    return new TcpFlags(mask, value);
  }

  /** Such as {@code S.} for SYN and ACK. */
  static String letters(int flags) {
    StringBuilder text = new StringBuilder();
    for (int bit = 0; bit < NAMES.size(); bit++) {
      if ((flags & 1 << bit) != 0) {
        text.append(LETTERS.charAt(bit));
      }
    }
    return text.isEmpty() ? "none" : text.toString();
  }
}

package io.synlev.magctl;

import java.io.ByteArrayOutputStream;

/** Reads bytes as people paste them. */
final class HexBytes {
  private HexBytes() {}

  /**
   * Reads hexadecimal digits; blanks and colons between bytes are skipped, and so are the offsets
   * that {@code tcpdump -x} prints ({@code 0x0010:}).
   *
   * @throws UsageException if it is anything else
   */
  static byte[] parse(String text) {
    StringBuilder digits = new StringBuilder();
    for (String word : text.strip().split("\\s+")) {
      boolean isOffset = word.startsWith("0x") && word.endsWith(":");
      if (!isOffset) {
        digits.append(word.startsWith("0x") ? word.substring(2) : word.replace(":", ""));
      }
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < digits.length(); i += 2) {
      int high = Character.digit(digits.charAt(i), 16);
      int low = i + 1 < digits.length() ? Character.digit(digits.charAt(i + 1), 16) : -1;
      if (high < 0 || low < 0) {
        throw new UsageException(
            "'"
                + digits.substring(i, Math.min(i + 2, digits.length()))
                + "' is no byte: --hex takes pairs of hexadecimal digits, from the IP header on");
      }
      bytes.write(high << 4 | low);
    }
    return bytes.toByteArray();
  }
}

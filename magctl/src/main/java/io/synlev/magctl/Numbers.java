package io.synlev.magctl;

/** Reads fwmarks. */
final class Numbers {
  private Numbers() {}

  /** An unsigned 32-bit number in decimal or as 0x hex; 0 if the text is none. */
  static int markOrZero(String text) {
    try {
      return parse(text);
    } catch (NumberFormatException notANumber) {
      return 0;
    }
  }

  /**
   * Reads a mark or a mask.
   *
   * @throws NumberFormatException if it is no unsigned 32-bit number, decimal or 0x hex
   */
  static int parse(String text) {
    if (text.startsWith("+")) {
      throw new NumberFormatException(text);
    }
    return text.startsWith("0x") || text.startsWith("0X")
        ? Integer.parseUnsignedInt(text.substring(2), 16)
        : Integer.parseUnsignedInt(text);
  }
}

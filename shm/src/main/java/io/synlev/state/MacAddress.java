package io.synlev.state;

import java.util.HexFormat;

/**
 * An Ethernet address.
 *
 * @param bits the six bytes, first byte highest; the upper 16 bits are 0
 */
public record MacAddress(long bits) {
  private static final HexFormat COLONS = HexFormat.ofDelimiter(":");

  /**
   * Reads {@code 02:00:5e:10:00:01}.
   *
   * @throws StateException if it is anything else
   */
  public static MacAddress parse(String text) {
    try {
      byte[] bytes = COLONS.parseHex(text);
      if (bytes.length == 6) {
        long bits = 0;
        for (byte b : bytes) {
          bits = bits << 8 | b & 0xff;
        }
        return new MacAddress(bits);
      }
    } catch (IllegalArgumentException notHex) {
      // Answered below: one message for every malformed address.
    }
    throw new StateException("'" + text + "' is no MAC address: write it as 02:00:5e:10:00:01");
  }

  @Override
  public String toString() {
    byte[] bytes = new byte[6];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (bits >>> 8 * (5 - i));
    }
    return COLONS.formatHex(bytes);
  }
}

package io.synlev.state;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Bytes as people write them: a text, or {@code hex:} and hexadecimal digits. */
public final class Payload {
  private static final String HEX = "hex:";
  private static final int MOST = 1000;

  private Payload() {}

  /**
   * Reads bytes; a text stands for its UTF-8.
   *
   * @return at most 1000 bytes
   * @throws StateException if there is no such reading
   */
  public static byte[] parse(String text) {
    if (text.chars().anyMatch(c -> c < ' ')) {
      throw new StateException(
          "a request or response on one line is needed: write hex:... instead");
    }
    byte[] bytes;
    try {
      bytes =
          text.startsWith(HEX)
              ? HexFormat.of().parseHex(text.substring(HEX.length()))
              : text.getBytes(StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new StateException("'" + text + "': pairs of hexadecimal digits follow hex:", e);
    }
    if (bytes.length > MOST) {
      throw new StateException(
          "a request or response of " + bytes.length + " bytes: at most " + MOST);
    }
    return bytes;
  }
}

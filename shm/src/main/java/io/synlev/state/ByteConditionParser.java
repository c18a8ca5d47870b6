package io.synlev.state;

import io.synlev.state.ByteCondition.Header;
import java.util.Map;

/** Reads one condition; see {@link ByteCondition#parse}. */
final class ByteConditionParser {
  /** tcpdump's names, pcap-filter(7). */
  private static final Map<String, Integer> NAMES =
      Map.of(
          "tcpflags", 13,
          "tcp-fin", 1,
          "tcp-syn", 2,
          "tcp-rst", 4,
          "tcp-push", 8,
          "tcp-ack", 16,
          "tcp-urg", 32);

  private final String text;
  private int at;

  ByteConditionParser(String text) {
    this.text = text;
  }

  ByteCondition parse() {
    Header header = header(word());
    expect("[");
    int offset = number();
    int width = accept(":") ? number() : 1;
    expect("]");
    int mask = accept("&") ? sum() : ByteCondition.allBits(width);
    boolean equal = !accept("!=");
    if (equal && !accept("==")) {
      expect("=");
    }
    int value = sum();
    blanks();
    if (at < text.length()) {
      throw malformed("'" + text.substring(at) + "' is too much");
    }
    return condition(header, offset, width, mask, equal, value);
  }

  private ByteCondition condition(
      Header header, int offset, int width, int mask, boolean equal, int value) {
    try {
      ByteCondition condition = new ByteCondition(header, offset, width, mask, value);
      if (equal) {
        return condition;
      }
      if (Integer.bitCount(mask) == 1) {
        return new ByteCondition(header, offset, width, mask, value ^ mask);
      }
    } catch (StateException e) {
      throw malformed(e.getMessage());
    }
    throw malformed("'!=' needs a mask of one bit, such as tcp[13] & 0x02 != 0");
  }

  private Header header(String word) {
    for (Header header : Header.values()) {
      if (header.name().equalsIgnoreCase(word)) {
        return header;
      }
    }
    throw malformed("'" + word + "' is no header: choose tcp, udp, sctp, icmp or icmp6");
  }

  /** Numbers joined by bars, in brackets or not. */
  private int sum() {
    boolean bracket = accept("(");
    int sum = number();
    while (accept("|")) {
      sum |= number();
    }
    if (bracket) {
      expect(")");
    }
    return sum;
  }

  private int number() {
    String word = word();
    Integer named = NAMES.get(word);
    if (named != null) {
      return named;
    }
    try {
      boolean hex = word.startsWith("0x");
      return Integer.parseUnsignedInt(hex ? word.substring(2) : word, hex ? 16 : 10);
    } catch (NumberFormatException e) {
      throw malformed(
          word.isEmpty() ? "a number is missing at its end" : "'" + word + "' is no number");
    }
  }

  private String word() {
    blanks();
    int start = at;
    while (at < text.length()
        && (Character.isLetterOrDigit(text.charAt(at)) || text.charAt(at) == '-')) {
      at++;
    }
    if (start == at && at < text.length()) {
      throw malformed("'" + text.charAt(at) + "' is not expected");
    }
    return text.substring(start, at);
  }

  private boolean accept(String sign) {
    blanks();
    if (!text.startsWith(sign, at)) {
      return false;
    }
    at += sign.length();
    return true;
  }

  private void expect(String sign) {
    if (!accept(sign)) {
      throw malformed(
          "'" + sign + "' is missing " + (at < text.length() ? "before " + rest() : "at its end"));
    }
  }

  private String rest() {
    return "'" + text.substring(at) + "'";
  }

  private void blanks() {
    while (at < text.length() && text.charAt(at) == ' ') {
      at++;
    }
  }

  private StateException malformed(String what) {
    return new StateException(
        "condition '" + text + "': " + what + "\nIts form is tcp[12:2] & 0x01ff = 0x0002.");
  }
}

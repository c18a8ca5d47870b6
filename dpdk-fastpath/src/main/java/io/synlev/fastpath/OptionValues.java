package io.synlev.fastpath;

import java.net.InetAddress;

/** Reads the values of options; what is wrong is refused with the option's name and the remedy. */
final class OptionValues {

  private OptionValues() {}

  /** A whole number of a range. */
  static int number(String name, String value, int least, int most) {
    if (value.matches("[0-9]{1,9}")) {
      int number = Integer.parseInt(value);
      if (number >= least && number <= most) {
        return number;
      }
    }
    throw new IllegalArgumentException(
        name + "=" + value + " is out of range: use " + least + " to " + most);
  }

  /** An Ethernet address, first byte highest; 0 for an empty text. */
  static long mac(String name, String value) {
    if (value.isEmpty()) {
      return 0;
    }
    if (!value.matches("([0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}")) {
      throw new IllegalArgumentException(
          name + "=" + value + " is no MAC address: write it as 02:00:5e:10:00:01");
    }
    return Long.parseLong(value.replace(":", ""), 16);
  }

  /** An address of a family, own ones perhaps with a length behind; null for an empty text. */
  static <T extends InetAddress> T address(String name, String value, Class<T> family) {
    if (value.isEmpty()) {
      return null;
    }
    try {
      boolean isOwn = name.startsWith("own-");
      return family.cast(InetAddress.ofLiteral(isOwn ? value.replaceFirst("/.*", "") : value));
    } catch (IllegalArgumentException | ClassCastException e) {
      throw new IllegalArgumentException(
          name + "=" + value + " is no such address: write it as 192.0.2.1 or 2001:db8::1", e);
    }
  }
}

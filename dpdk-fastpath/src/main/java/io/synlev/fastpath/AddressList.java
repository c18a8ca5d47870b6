package io.synlev.fastpath;

import io.synlev.state.Addresses;
import io.synlev.state.StateException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Reads addresses as people write them: {@code 10.1.0.20-10.1.0.23,fd00::20}. */
final class AddressList {

  private final String option;
  private final int most;
  private final Set<InetAddress> addresses = new LinkedHashSet<>();

  private AddressList(String option, int most) {
    this.option = option;
    this.most = most;
  }

  /**
   * Reads addresses and ranges of them, which commas separate.
   *
   * @param option its name, for messages
   * @param most addresses in all
   * @return each once, in the order of the text; none of an empty text
   * @throws IllegalArgumentException naming what is wrong and the remedy
   */
  static List<InetAddress> parse(String option, String text, int most) {
    AddressList list = new AddressList(option, most);
    if (!text.isEmpty()) {
      for (String part : text.split(",", -1)) {
        list.take(part);
      }
    }
    return List.copyOf(list.addresses);
  }

  private void take(String part) {
    String[] ends = part.split("-", 2);
    InetAddress first = address(ends[0], part);
    InetAddress last = ends.length == 1 ? first : address(ends[1], part);
    boolean isIpv6 = first instanceof Inet6Address;
    if (isIpv6 != last instanceof Inet6Address) {
      throw wrong(part, "has ends of two families");
    }
    long high = LocalAddresses.high(first);
    long low = LocalAddresses.low(first);
    long count = LocalAddresses.low(last) - low;
    if (high != LocalAddresses.high(last) || count < 0 || count >= most) {
      throw wrong(part, "is no range of 1 to " + most + " addresses");
    }
    for (long i = 0; i <= count; i++) {
      addresses.add(Addresses.of(isIpv6, high, isIpv6 ? low + i : low + i & 0xffff_ffffL));
    }
    if (addresses.size() > most) {
      throw wrong(part, "makes more than " + most + " addresses");
    }
  }

  private InetAddress address(String text, String part) {
    try {
      InetAddress address = Addresses.parse(text);
      if (address.isAnyLocalAddress()
          || address.isMulticastAddress()
          || address.isLoopbackAddress()
          || address.isLinkLocalAddress()) {
        throw wrong(part, "is no address that a backend could reply to");
      }
      return address;
    } catch (StateException e) {
      throw wrong(part, "is no address");
    }
  }

  private IllegalArgumentException wrong(String part, String what) {
    return new IllegalArgumentException(
        "%s: '%s' %s: write it as 10.1.0.20 or 10.1.0.20-10.1.0.23, several with commas"
            .formatted(option, part, what));
  }
}

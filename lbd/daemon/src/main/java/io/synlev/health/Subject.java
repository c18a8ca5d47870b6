package io.synlev.health;

import io.synlev.state.Addresses;
import io.synlev.state.Backend;
import io.synlev.state.HealthCheck;
import java.net.Inet6Address;
import java.net.InetAddress;

/**
 * A backend as it is to be asked. Two are equal if they are asked alike.
 *
 * @param backend its name
 * @param ipv4 its address, for commands; or null
 * @param ipv6 its address, for commands; or null
 * @param address who is asked, or null
 * @param mark of the packets, 0 for none
 * @param problem why it cannot be asked, or null
 */
record Subject(
    String pool,
    String backend,
    InetAddress ipv4,
    InetAddress ipv6,
    HealthCheck check,
    InetAddress address,
    int mark,
    Outcome problem) {

  Subject(
      String pool,
      Backend backend,
      HealthCheck check,
      InetAddress address,
      int mark,
      Outcome problem) {
    this(pool, backend.name(), backend.ipv4(), backend.ipv6(), check, address, mark, problem);
  }

  /** Who is asked, as a URL names it. */
  String host() {
    String text = address == null ? "" : Addresses.format(address);
    return address instanceof Inet6Address ? "[" + text + "]" : text;
  }
}

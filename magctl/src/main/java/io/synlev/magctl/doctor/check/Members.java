package io.synlev.magctl.doctor.check;

import io.synlev.magctl.doctor.StateFacts.Member;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/** What several checks ask of a backend. */
final class Members {
  private Members() {}

  /** Its addresses, of both families. */
  static List<InetAddress> addresses(Member member) {
    List<InetAddress> addresses = new ArrayList<>();
    if (member.backend().ipv4() != null) {
      addresses.add(member.backend().ipv4());
    }
    if (member.backend().ipv6() != null) {
      addresses.add(member.backend().ipv6());
    }
    return addresses;
  }

  /** Its address in a family, or null. */
  static InetAddress address(Member member, boolean ipv6) {
    return ipv6 ? member.backend().ipv6() : member.backend().ipv4();
  }
}

package io.synlev.netlink;

import java.net.InetAddress;

/**
 * Where the kernel would send a packet.
 *
 * @param kind what becomes of it
 * @param interfaceIndex of the interface it leaves by; 0 unless it is {@link Kind#FORWARDED} or
 *     {@link Kind#LOCAL}
 * @param nextHop who gets it on that interface: a gateway, perhaps of the other family, or the
 *     destination itself; null unless it is {@link Kind#FORWARDED}
 */
public record Route(Kind kind, int interfaceIndex, InetAddress nextHop) {

  /** What becomes of a packet. */
  public enum Kind {
    /** It leaves by an interface. */
    FORWARDED,
    /** It is for this host. */
    LOCAL,
    /** It is dropped without a word. */
    BLACKHOLE,
    /** It is answered with an error: a rule or route forbids it. */
    PROHIBITED,
    /** It is answered with an error: nothing leads there. */
    UNREACHABLE
  }

  /** One without interface and next hop. */
  static Route nowhere(Kind kind) {
    return new Route(kind, 0, null);
  }
}

package io.synlev.magctl.doctor;

import io.synlev.magctl.doctor.StateFacts.Member;
import io.synlev.state.Addresses;
import java.net.InetAddress;
import java.util.List;

/**
 * A client's packet on its way to a backend, to ask the kernel about.
 *
 * @param member the backend
 * @param address its address in the family
 * @param vip what the client addresses
 * @param device where the packet comes in, or null if that is not known
 * @param mark what it bears; 0 with dnat
 * @param destination to whom it is addressed when it is routed
 * @param source the client, or null without a device
 */
public record PathQuestion(
    Member member,
    String address,
    String vip,
    String device,
    int mark,
    String destination,
    String source) {
  /** Of RFC 2544 and RFC 5180: networks for tests, in which nobody lives. */
  public static final String TEST_CLIENT = "198.18.0.1";

  public static final String TEST_CLIENT_V6 = "2001:2::1";

  /** About a client who is reached where the packet comes in. */
  public static PathQuestion of(Facts facts, Member member, InetAddress address, String vip) {
    String device = deviceForClients(facts);
    String source = device == null ? null : clientAt(facts, device, vip.indexOf(':') >= 0);
    return of(facts, member, address, StateFacts.addressOf(vip), device, source);
  }

  /** About a certain client. */
  public static PathQuestion of(
      Facts facts, Member member, InetAddress address, String vip, String device, String source) {
    boolean translated = facts.rules().returns("dnat");
    String text = Addresses.format(address);
    return new PathQuestion(
        member,
        text,
        vip,
        device,
        translated ? 0 : member.backend().fwmark(),
        translated ? text : vip,
        source);
  }

  /** Where clients' packets come in: the first interface of the rules, or the default route's. */
  public static String deviceForClients(Facts facts) {
    for (String device : facts.rules().interfaces()) {
      if (facts.network().link(device).filter(Network.Link::isUp).isPresent()) {
        return device;
      }
    }
    return facts.network().routes().stream()
        .filter(route -> route.table() == 254 && route.to().equals("default"))
        .map(Network.TableRoute::device)
        .filter(device -> device != null)
        .findFirst()
        .orElse(null);
  }

  /** Somebody to whom a route leads by an interface, so that no reverse path filter minds. */
  private static String clientAt(Facts facts, String device, boolean ipv6) {
    for (Network.TableRoute route : facts.network().routes()) {
      boolean isTo =
          route.table() == 254
              && route.ipv6() == ipv6
              && device.equals(route.device())
              && !route.to().equals("default")
              && !route.to().startsWith("fe80:");
      if (isTo && route.gateway() != null) {
        return route.to().split("/")[0];
      }
    }
    return ipv6 ? TEST_CLIENT_V6 : TEST_CLIENT;
  }

  /** Arguments of {@code ip route get}. */
  String text() {
    return destination
        + (mark == 0 ? "" : " mark " + Integer.toUnsignedString(mark))
        + (device == null ? "" : " from " + source + " iif " + device);
  }

  /** Asks the kernel about each; no answer at all if ip(8) gives none. */
  public static List<RouteAnswer> ask(Programs programs, List<PathQuestion> questions) {
    return RouteAnswer.ask(programs, questions.stream().map(PathQuestion::text).toList());
  }
}

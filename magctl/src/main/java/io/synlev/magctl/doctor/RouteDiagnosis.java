package io.synlev.magctl.doctor;

import java.util.List;
import java.util.stream.Stream;

/**
 * Why the kernel does not forward a client's packet to its backend.
 *
 * @param title what is so
 * @param why how it was seen
 * @param fix what to do
 */
public record RouteDiagnosis(String title, String why, String fix) {

  /**
   * Judges an answer.
   *
   * @return null if the packet would go to the backend, or another check tells why not
   */
  public static RouteDiagnosis of(Facts facts, PathQuestion question, RouteAnswer answer) {
    boolean translated = facts.rules().returns("dnat");
    boolean arrives =
        translated
            ? answer.isForwarded()
            : answer.isForwarded() && question.address().equals(answer.gateway());
    if (arrives) {
      return dead(facts, question, answer.device());
    }
    String who = question.member() + " (" + question.address() + ")";
    if ("Invalid cross-device link".equals(answer.error())) {
      return new RouteDiagnosis(
          who + ": rp_filter on " + question.device() + " refuses clients",
          question.text() + ": " + answer.error() + "; the route to the client leads elsewhere",
          "sysctl -w net.ipv4.conf." + question.device() + ".rp_filter=2");
    }
    if (isForwardingOff(facts, question)) {
      return null;
    }
    return translated ? unreachable(facts, who, question) : lost(facts, who, question, answer);
  }

  private static boolean isForwardingOff(Facts facts, PathQuestion question) {
    boolean ipv6 = question.vip().indexOf(':') >= 0;
    String family = ipv6 ? "ipv6" : "ipv4";
    return Stream.of("all", question.device())
        .filter(device -> device != null)
        .anyMatch(
            device ->
                facts.host().sysctl("net/" + family + "/conf/" + device + "/forwarding") == 0);
  }

  /** A route whose interface does not work. */
  private static RouteDiagnosis dead(Facts facts, PathQuestion question, String device) {
    return facts
        .network()
        .link(device)
        .filter(link -> !link.hasCarrier())
        .map(
            link ->
                new RouteDiagnosis(
                    question.member() + ": interface " + device + " has no carrier",
                    "the route to " + question.address() + " leads there",
                    "look at the cable or peer"))
        .orElse(null);
  }

  private static RouteDiagnosis unreachable(Facts facts, String who, PathQuestion question) {
    return new RouteDiagnosis(
        who + ": this host has no route to it",
        "ip route get " + question.text() + " finds none" + down(facts),
        "add a route, or correct the address");
  }

  private static RouteDiagnosis lost(
      Facts facts, String who, PathQuestion question, RouteAnswer answer) {
    boolean ipv6 = question.vip().indexOf(':') >= 0;
    int mask = facts.state().markMask();
    long table = facts.rules().tableOffset() + Integer.toUnsignedLong(question.mark());
    String sync = "lbrules sync --instance " + facts.state().directory().instance();
    boolean hasRule =
        facts.network().rules().stream()
            .anyMatch(rule -> rule.ipv6() == ipv6 && rule.isFor(question.mark(), mask));
    List<Network.TableRoute> routes =
        facts.network().routes().stream()
            .filter(route -> route.ipv6() == ipv6 && route.table() == table)
            .toList();
    if (!hasRule) {
      return new RouteDiagnosis(
          who + ": no policy rule leads its fwmark " + question.mark() + " to table " + table,
          "its packets meet with the blackhole of the VIP",
          sync);
    }
    if (routes.isEmpty()) {
      return new RouteDiagnosis(
          who + ": routing table " + table + " is empty",
          "its packets meet with the blackhole of the VIP" + down(facts),
          sync + ", once the interface towards it is up and has an address");
    }
    String seen =
        answer.error() != null
            ? answer.error()
            : answer.isLocal()
                ? "this host itself"
                : "via " + answer.gateway() + " by " + answer.device();
    return new RouteDiagnosis(
        who + ": packets for it go elsewhere",
        "ip route get " + question.text() + ": " + seen + " (table " + answer.table() + ")",
        sync + "; look at 'ip rule' for rules of others ahead of ours");
  }

  private static String down(Facts facts) {
    List<String> down =
        facts.network().links().stream()
            .filter(link -> !link.isUp() || !link.hasCarrier())
            .map(link -> link.name() + (link.isUp() ? " (no carrier)" : " (down)"))
            .filter(name -> !name.startsWith("lo "))
            .toList();
    return down.isEmpty() ? "" : "; interfaces that do not work: " + String.join(", ", down);
  }
}

package io.synlev.magctl.doctor;

import io.synlev.magctl.doctor.BatchAnswers.Answer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Interfaces, addresses, policy rules, routes and neighbours of the network namespace, as ip(8)
 * prints them. Nothing in it where ip is missing.
 *
 * @param links the interfaces
 * @param addresses of this host
 * @param rules policy rules of both families, in their order
 * @param routes of all tables
 * @param neighbours of both families
 */
public record Network(
    List<Link> links,
    List<LocalAddress> addresses,
    List<PolicyRule> rules,
    List<TableRoute> routes,
    List<Neighbour> neighbours) {

  /** The rtnetlink protocol of what lbrules makes. */
  public static final String OUR_PROTOCOL = "83";

  /** Nothing is known. */
  public static final Network UNKNOWN =
      new Network(List.of(), List.of(), List.of(), List.of(), List.of());

  private static final List<String> QUESTIONS =
      List.of("link show", "address show", "route show table all", "neigh show", "rule show");

  /**
   * An interface.
   *
   * @param isUp whether it is switched on
   * @param hasCarrier whether its link works
   * @param isResolving whether neighbours are looked for: ARP or neighbour discovery
   */
  public record Link(
      int index, String name, boolean isUp, boolean hasCarrier, boolean isResolving, int mtu) {}

  /** An address of this host and its interface. */
  public record LocalAddress(String device, String address) {}

  /**
   * A policy rule.
   *
   * @param fwmark the mark and mask that it asks for, as ip(8) prints numbers, or null
   * @param table that it looks up, or 0
   */
  public record PolicyRule(
      boolean ipv6, long priority, String fwmark, String mask, long table, String protocol) {
    /** Whether lbrules made it. */
    public boolean isOurs() {
      return OUR_PROTOCOL.equals(protocol);
    }

    /** Whether it is for packets with these bits of the mark and no others of the mask. */
    public boolean isFor(int mark, int markMask) {
      return fwmark != null
          && number(fwmark) == Integer.toUnsignedLong(mark)
          && (mask == null ? 0xffff_ffffL : number(mask)) == Integer.toUnsignedLong(markMask);
    }
  }

  /**
   * A route.
   *
   * @param to its destination, "default" for all
   * @param gateway its next hop, or null
   */
  public record TableRoute(
      boolean ipv6, long table, String to, String gateway, String device, String protocol) {
    /** Whether lbrules made it. */
    public boolean isOurs() {
      return OUR_PROTOCOL.equals(protocol);
    }
  }

  /** A neighbour and what the kernel thinks of it, such as REACHABLE or FAILED. */
  public record Neighbour(String address, String device, String state, String mac) {
    /** Whether the kernel asked and nobody answered. */
    public boolean isSilent() {
      return state.equals("FAILED") || state.equals("INCOMPLETE");
    }
  }

  /**
   * Begins to look.
   *
   * @return gives the result when ip(8) has ended
   */
  static Supplier<Network> begin(Programs programs) {
    Supplier<Programs.Output> all =
        programs.start(
            String.join("\n", QUESTIONS) + "\n",
            List.of("ip", "-N", "-j", "-force", "-batch", "-"));
    Supplier<Programs.Output> rules6 =
        programs.start("", List.of("ip", "-N", "-j", "-6", "rule", "show"));
    return () -> {
      try {
        return parse(all.get(), rules6.get());
      } catch (IOException | ClassCastException | NullPointerException e) {
        return UNKNOWN;
      }
    };
  }

  /** Looks now. */
  public static Network look(Programs programs) {
    return begin(programs).get();
  }

  static Network parse(Programs.Output all, Programs.Output rules6) throws IOException {
    List<Answer> answers = BatchAnswers.parse(QUESTIONS.size(), all);
    Network network =
        new Network(
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>());
    answers.get(0).objects().forEach(each -> network.links.add(link(each)));
    answers.get(1).objects().forEach(each -> addAddresses(each, network.addresses));
    answers.get(2).objects().forEach(each -> network.routes.add(route(each)));
    answers.get(3).objects().forEach(each -> network.neighbours.add(neighbour(each)));
    answers.get(4).objects().forEach(each -> network.rules.add(rule(each, false)));
    BatchAnswers.parse(1, rules6)
        .getFirst()
        .objects()
        .forEach(each -> network.rules.add(rule(each, true)));
    return network;
  }

  private static Link link(Map<String, Object> link) {
    List<?> flags = (List<?>) link.get("flags");
    return new Link(
        ((Number) link.get("ifindex")).intValue(),
        (String) link.get("ifname"),
        flags.contains("UP"),
        flags.contains("LOWER_UP"),
        !flags.contains("NOARP") && !flags.contains("LOOPBACK"),
        ((Number) link.get("mtu")).intValue());
  }

  private static void addAddresses(Map<String, Object> link, List<LocalAddress> addresses) {
    for (Object each : (List<?>) link.get("addr_info")) {
      Map<?, ?> address = (Map<?, ?>) each;
      if (address.get("local") instanceof String local) {
        addresses.add(new LocalAddress((String) link.get("ifname"), local));
      }
    }
  }

  private static TableRoute route(Map<String, Object> route) {
    String to = text(route, "dst");
    Object via = route.get("via") instanceof Map<?, ?> hop ? hop.get("host") : null;
    String gateway = via != null ? via.toString() : text(route, "gateway");
    boolean ipv6 = route.containsKey("pref") || to.indexOf(':') >= 0;
    long table = route.containsKey("table") ? number(text(route, "table")) : 254;
    return new TableRoute(ipv6, table, to, gateway, text(route, "dev"), text(route, "protocol"));
  }

  private static Neighbour neighbour(Map<String, Object> neighbour) {
    List<?> states = (List<?>) neighbour.get("state");
    return new Neighbour(
        text(neighbour, "dst"),
        text(neighbour, "dev"),
        states == null || states.isEmpty() ? "NONE" : states.getFirst().toString(),
        text(neighbour, "lladdr"));
  }

  private static PolicyRule rule(Map<String, Object> rule, boolean ipv6) {
    return new PolicyRule(
        ipv6,
        ((Number) rule.get("priority")).longValue(),
        text(rule, "fwmark"),
        text(rule, "fwmask"),
        rule.containsKey("table") ? number(text(rule, "table")) : 0,
        text(rule, "protocol"));
  }

  private static String text(Map<String, Object> members, String name) {
    Object value = members.get(name);
    return value == null ? null : value.toString();
  }

  private static long number(String text) {
    return text.startsWith("0x") ? Long.parseLong(text.substring(2), 16) : Long.parseLong(text);
  }

  /** The interface of a name, if there is one. */
  public Optional<Link> link(String name) {
    return links.stream().filter(link -> link.name().equals(name)).findFirst();
  }

  /** The interface that has an address, if it is one of this host. */
  public Optional<String> deviceOf(String address) {
    return addresses.stream()
        .filter(own -> own.address().equals(address))
        .map(LocalAddress::device)
        .findFirst();
  }

  /** What the kernel knows of a neighbour, if anything. */
  public Optional<Neighbour> neighbour(String address) {
    return neighbours.stream().filter(each -> each.address().equals(address)).findFirst();
  }
}

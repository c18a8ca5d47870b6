package io.synlev.magctl;

import com.fasterxml.jackson.jr.ob.JSON;
import io.synlev.config.ConfigFile;
import io.synlev.config.Problem;
import io.synlev.magctl.doctor.Programs;
import io.synlev.state.Addresses;
import io.synlev.state.Backend;
import io.synlev.state.Contents;
import io.synlev.state.Contents.PoolContents;
import io.synlev.state.Prefix;
import io.synlev.state.StateException;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Looks whether this host can reach the backends of a file: routes, neighbours, and routing tables
 * that others use. Asks ip(8), which needs no privilege; where it cannot know it says nothing, so
 * what it finds are warnings. Looked at is the network namespace of the command.
 */
final class HostChecks {
  /** What {@code lbrules --table-offset} is by default. */
  static final int TABLE_OFFSET = 10_000;

  /** The rtnetlink protocol of routes that lbrules makes. */
  private static final String OUR_PROTOCOL = "83";

  /** A route of the main table. */
  private record Route(Prefix to, boolean forwards, boolean isDirect) {}

  private final ConfigFile file;
  private final Programs programs;
  private final List<Route> routes = new ArrayList<>();
  private final Set<String> silent = new HashSet<>();
  private final Map<Long, String> foreignTables = new HashMap<>();
  private final List<Problem> found = new ArrayList<>();

  private HostChecks(ConfigFile file, Programs programs) {
    this.file = file;
    this.programs = programs;
  }

  /**
   * What may be wrong.
   *
   * @param tableOffset of lbrules: a backend's routing table is this and its fwmark
   * @param path where ip(8) is looked for, as in PATH; empty for nowhere
   */
  static List<Problem> find(ConfigFile file, Contents wanted, int tableOffset, String path) {
    if (path.isEmpty()) {
      return List.of();
    }
    HostChecks checks = new HostChecks(file, Programs.here(Map.of("PATH", path)));
    try {
      checks.look();
    } catch (IOException | ClassCastException | StateException e) {
      // It answers otherwise than we know: nothing is known.
      return List.of();
    }
    for (PoolContents pool : wanted.pools()) {
      for (Backend backend : pool.backends()) {
        checks.table(pool, backend, tableOffset);
        checks.route(pool, backend, backend.ipv4());
        checks.route(pool, backend, backend.ipv6());
      }
    }
    return checks.found;
  }

  private void look() throws IOException {
    for (String family : List.of("-4", "-6")) {
      for (Map<String, Object> route : ask(family, "route", "show", "table", "all")) {
        route(route, family.equals("-6"));
      }
    }
    for (Map<String, Object> neighbour : ask("neigh", "show")) {
      if (neighbour.get("state") instanceof List<?> states && states.contains("FAILED")) {
        silent.add((String) neighbour.get("dst"));
      }
    }
  }

  private void route(Map<String, Object> route, boolean ipv6) {
    Object table = route.getOrDefault("table", "254");
    if (table.equals("254")) {
      String to = (String) route.get("dst");
      String any = ipv6 ? "::/0" : "0.0.0.0/0";
      Object type = route.getOrDefault("type", "1");
      routes.add(
          new Route(
              Prefix.parse(to.equals("default") ? any : to),
              type.equals("1") || type.equals("unicast"),
              !route.containsKey("gateway")
                  && !route.containsKey("via")
                  && !route.containsKey("nexthops")));
    } else if (!OUR_PROTOCOL.equals(route.get("protocol"))) {
      foreignTables.put(Long.parseLong((String) table), (String) route.get("dst"));
    }
  }

  @SuppressWarnings("unchecked")
  private List<Map<String, Object>> ask(String... question) throws IOException {
    List<String> command = new ArrayList<>(List.of("ip", "-N", "-j"));
    command.addAll(List.of(question));
    Programs.Output answer = programs.start("", command).get();
    if (answer.exit() < 0) {
      throw new IOException(answer.err());
    }
    String output = answer.out();
    List<Map<String, Object>> answers = new ArrayList<>();
    // Nothing at all instead of an empty list is what some versions say of none.
    for (Object each : output.isEmpty() ? List.of() : JSON.std.listFrom(output)) {
      answers.add((Map<String, Object>) each);
    }
    return answers;
  }

  private void table(PoolContents pool, Backend backend, int offset) {
    long table = offset + Integer.toUnsignedLong(backend.fwmark());
    String name = "routing table " + table + " (offset " + offset + " + fwmark)";
    String remedy = ": choose another fwmark, or another --table-offset here and for lbrules";
    if (table == 0 || table >= 253 && table <= 255 || table > 0xffff_ffffL) {
      warn(pool, backend, name + " belongs to the system" + remedy);
    } else if (foreignTables.containsKey(table)) {
      warn(
          pool,
          backend,
          name + " holds a route of others, to " + foreignTables.get(table) + remedy);
    }
  }

  private void route(PoolContents pool, Backend backend, InetAddress address) {
    if (address == null) {
      return;
    }
    String text = Addresses.format(address);
    Prefix host = Prefix.parse(text);
    Route best = null;
    for (Route route : routes) {
      if (route.to().contains(host.ipv6(), host.high(), host.low())
          && (best == null || best.to().length() < route.to().length())) {
        best = route;
      }
    }
    if (best == null || !best.forwards()) {
      warn(pool, backend, "this host has no route to " + text + ": its flows would be dropped");
    } else if (best.isDirect() && silent.contains(text)) {
      warn(pool, backend, text + " does not answer: the kernel found no neighbour there");
    }
  }

  private void warn(PoolContents pool, Backend backend, String message) {
    found.add(file.at(ConfigFile.field(pool, backend.name()), message));
  }
}

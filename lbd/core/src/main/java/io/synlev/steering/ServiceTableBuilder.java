package io.synlev.steering;

import io.synlev.state.PortRange;
import io.synlev.state.Prefix;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** Lays out the tables of a {@link ServiceTable}. Used once, by one thread. */
final class ServiceTableBuilder {

  /** A rule, as an index, for some of its ports. */
  private record Entry(int rule, PortRange ports) {}

  private final boolean ipv6;
  private final Checks[] checks;
  private final Map<ExactTable.Key, List<Entry>> exactEntries = new LinkedHashMap<>();
  private final Map<Prefix, List<Entry>> prefixEntries = new LinkedHashMap<>();
  private final TreeSet<Integer> lengths = new TreeSet<>();
  private final Map<List<Integer>, Integer> listStarts = new HashMap<>();
  private final List<Integer> lists = new ArrayList<>();
  private final List<PortMap> portMaps = new ArrayList<>();
  private final ExactTable exact;
  private final PrefixTable prefixes;
  private final List<Rule> rules;

  /**
   * @param rules best first
   * @param checks what each of them asks, or null
   */
  ServiceTableBuilder(boolean ipv6, List<Rule> rules, Checks[] checks) {
    this.ipv6 = ipv6;
    this.rules = rules;
    this.checks = checks;
    for (int i = 0; i < rules.size(); i++) {
      sort(i, rules.get(i));
    }
    exact = exactEntries.isEmpty() ? null : buildExact();
    prefixes = buildPrefixes();
  }

  ExactTable exact() {
    return exact;
  }

  PrefixTable prefixes() {
    return prefixes;
  }

  PortMap[] portMaps() {
    return portMaps.toArray(PortMap[]::new);
  }

  int[] lists() {
    return lists.stream().mapToInt(Integer::intValue).toArray();
  }

  private void sort(int index, Rule rule) {
    Prefix vip = rule.vip();
    for (PortRange ports : rule.ports().isEmpty() ? List.of(PortRange.ALL) : rule.ports()) {
      if (vip.isHost() && ports.size() == 1) {
        exactEntries
            .computeIfAbsent(
                new ExactTable.Key(vip.high(), vip.low(), ports.first()), _ -> new ArrayList<>())
            .add(new Entry(index, ports));
      } else {
        prefixEntries.computeIfAbsent(vip, _ -> new ArrayList<>()).add(new Entry(index, ports));
        lengths.add(vip.length());
      }
    }
  }

  private ExactTable buildExact() {
    Map<ExactTable.Key, Integer> handles = new HashMap<>();
    exactEntries.forEach(
        (key, entries) -> {
          Prefix host = new Prefix(ipv6, key.high(), key.low(), ipv6 ? 128 : 32);
          TreeSet<Integer> all = new TreeSet<>();
          entries.forEach(entry -> all.add(entry.rule()));
          for (Entry entry : around(host)) {
            if (entry.ports().contains(key.port())) {
              all.add(entry.rule());
            }
          }
          handles.put(key, handle(all));
        });
    return new ExactTable(handles);
  }

  private PrefixTable buildPrefixes() {
    List<PrefixTable.Rule> found = new ArrayList<>();
    for (Prefix prefix : prefixEntries.keySet()) {
      found.add(
          new PrefixTable.Rule(
              prefix.high(), prefix.low(), prefix.length(), byPort(around(prefix))));
    }
    return new PrefixTable(ipv6 ? 128 : 32, found);
  }

  /** The entries of all prefixes that contain this one, itself included. */
  private List<Entry> around(Prefix prefix) {
    List<Entry> entries = new ArrayList<>();
    for (int length : lengths.headSet(prefix.length(), true)) {
      entries.addAll(prefixEntries.getOrDefault(prefix.shortened(length), List.of()));
    }
    return entries;
  }

  /** What the prefix table holds: a handle for all ports, or a port map. */
  private int byPort(List<Entry> entries) {
    TreeMap<Integer, List<Entry>> begin = new TreeMap<>();
    TreeMap<Integer, List<Entry>> end = new TreeMap<>();
    TreeSet<Integer> starts = new TreeSet<>(List.of(0));
    for (Entry entry : entries) {
      int behind = entry.ports().last() + 1;
      begin.computeIfAbsent(entry.ports().first(), _ -> new ArrayList<>()).add(entry);
      end.computeIfAbsent(behind, _ -> new ArrayList<>()).add(entry);
      starts.add(entry.ports().first());
      if (behind <= PortRange.MAX) {
        starts.add(behind);
      }
    }
    int[] firstPorts = new int[starts.size()];
    int[] handles = new int[starts.size()];
    TreeSet<Integer> active = new TreeSet<>();
    int at = 0;
    for (int start : starts) {
      end.getOrDefault(start, List.of()).forEach(entry -> active.remove(entry.rule()));
      begin.getOrDefault(start, List.of()).forEach(entry -> active.add(entry.rule()));
      firstPorts[at] = start;
      handles[at++] = handle(active);
    }
    if (handles.length == 1) {
      return handles[0] << 1;
    }
    portMaps.add(new PortMap(firstPorts, handles));
    return portMaps.size() - 1 << 1 | 1;
  }

  /** The handle of rules: without those that cannot be reached, and equal lists stored once. */
  private int handle(TreeSet<Integer> best) {
    List<Integer> reachable = new ArrayList<>();
    for (int rule : best) {
      reachable.add(rule);
      if (checks[rule] == null) {
        break;
      }
    }
    if (reachable.isEmpty()) {
      return ServiceTable.NONE;
    }
    if (checks[reachable.getFirst()] == null) {
      return rules.get(reachable.getFirst()).service() << 1;
    }
    int start =
        listStarts.computeIfAbsent(
            reachable,
            list -> {
              int first = lists.size();
              lists.addAll(list);
              lists.add(ServiceTable.NONE);
              return first;
            });
    return start << 1 | 1;
  }
}

package io.synlev.steering;

import io.synlev.packet.FlowKey;
import io.synlev.packet.PacketHeaders;
import java.util.List;

/**
 * Which service a packet of one class and family is for.
 *
 * <p>A destination that a rule names alone (a host and a single port) is found in constant time;
 * what is found there holds every rule that has this destination, those for prefixes and port
 * ranges among them. All others are found by their longest prefix, where again every rule of all
 * prefixes around it stands. So the first hit is the whole answer: rules in order, best first, up
 * to the first that asks for nothing else, as none behind it can ever be reached.
 *
 * <p>A hit is a <i>handle</i>, twice the index of a service if that is certain, otherwise twice the
 * start of a list of rules and one; -1 says that no rule has the destination. Immutable; any thread
 * may look up, nothing is allocated.
 */
final class ServiceTable {

  /** No rule has the packet's destination and port. */
  static final int NONE = -1;

  /** Rules have them but ask for something else that the packet is not. */
  static final int UNFIT = -2;

  private final int[] services;
  private final Checks[] checks;
  private final ExactTable exact;
  private final PrefixTable prefixes;
  private final PortMap[] portMaps;
  private final int[] lists;

  /**
   * Compiles rules of one class and family.
   *
   * @param rules best first
   */
  ServiceTable(boolean ipv6, List<Rule> rules) {
    services = rules.stream().mapToInt(Rule::service).toArray();
    checks = rules.stream().map(Checks::of).toArray(Checks[]::new);
    ServiceTableBuilder builder = new ServiceTableBuilder(ipv6, rules, checks);
    exact = builder.exact();
    prefixes = builder.prefixes();
    portMaps = builder.portMaps();
    lists = builder.lists();
  }

  /**
   * The index of the best service that a packet is for, {@link #NONE} or {@link #UNFIT}.
   *
   * @param match ports, protocol and {@code cut} are changed as {@link Checks#fit} says
   */
  int find(PacketHeaders headers, Match match) {
    FlowKey flow = headers.flow;
    int handle = handle(flow.destinationHigh, flow.destinationLow, flow.ports & 0xffff);
    return (handle & 1) == 0 ? handle >> 1 : walk(handle, headers, match);
  }

  /** The same if no other rule needs to be asked; otherwise a negative number. */
  int certain(long high, long low, int port) {
    int handle = handle(high, low, port);
    return (handle & 1) == 0 ? handle >> 1 : NONE;
  }

  private int walk(int handle, PacketHeaders headers, Match match) {
    if (handle == NONE) {
      return NONE;
    }
    int at = handle >> 1;
    for (int rule = lists[at]; rule != NONE; rule = lists[++at]) {
      Checks asked = checks[rule];
      if (asked == null || asked.fit(headers, match)) {
        return services[rule];
      }
    }
    return UNFIT;
  }

  private int handle(long high, long low, int port) {
    if (exact != null) {
      int handle = exact.find(high, low, port);
      if (handle != NONE) {
        return handle;
      }
    }
    // A handle shifted left, or the index of a port map shifted left and one.
    int found = prefixes.find(high, low);
    if (found == PrefixTable.NONE) {
      return NONE;
    }
    return (found & 1) == 0 ? found >> 1 : portMaps[found >> 1].find(port);
  }

  /** Whether some rule that is not for a single host and port has the destination address. */
  boolean hasAddress(FlowKey flow) {
    return prefixes.find(flow.destinationHigh, flow.destinationLow) != PrefixTable.NONE;
  }
}

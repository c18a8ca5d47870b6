package io.synlev.lbd;

import io.synlev.control.RpcError;
import io.synlev.control.RpcException;
import io.synlev.datapath.Reason;
import io.synlev.state.Backend;
import io.synlev.state.Configuration;
import io.synlev.state.Instance;
import io.synlev.state.Prefix;
import io.synlev.state.StateException;
import io.synlev.steering.trace.Trace;
import io.synlev.steering.trace.TraceFilter;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads the parameters of {@code trace.start}; docs/seeing.md lists them. */
final class TraceRequest {
  private static final Set<String> KNOWN =
      Set.of(
          "service",
          "vip",
          "source",
          "protocol",
          "port",
          "sourcePort",
          "flagsMask",
          "flagsValue",
          "reasons",
          "backends",
          "rate",
          "snapLength");

  private final Instance instance;

  /**
   * What was asked for.
   *
   * @param rate packets a second
   * @param snapLength bytes of each packet
   */
  record Parsed(TraceFilter filter, int rate, int snapLength) {}

  TraceRequest(Instance instance) {
    this.instance = instance;
  }

  /**
   * Reads them.
   *
   * @throws RpcException if one is unknown, malformed, or names what is not there
   */
  Parsed parse(Map<String, Object> params) {
    ControlMethods.only(params, KNOWN);
    TraceFilter.Parts parts =
        new TraceFilter.Parts(
            service(params),
            prefix(params, "vip"),
            prefix(params, "source"),
            protocol(params),
            (int) number(params, "port", TraceFilter.ANY, 0xffff),
            (int) number(params, "sourcePort", TraceFilter.ANY, 0xffff),
            (int) number(params, "flagsMask", 0, 0xff),
            (int) number(params, "flagsValue", 0, 0xff),
            reasons(params),
            marks(params));
    return new Parsed(
        new TraceFilter(parts),
        (int) number(params, "rate", 100, Trace.MOST_PER_SECOND),
        (int) number(params, "snapLength", 128, Trace.MOST_BYTES));
  }

  private String service(Map<String, Object> params) {
    Object name = params.get("service");
    if (name == null) {
      return null;
    }
    Configuration configuration = instance.configuration();
    if (configuration.services().stream().noneMatch(service -> service.name().equals(name))) {
      throw wrong("there is no service '" + name + "': 'magctl service list' lists them");
    }
    return name.toString();
  }

  private static int protocol(Map<String, Object> params) {
    return "icmp".equals(params.get("protocol"))
        ? TraceFilter.ICMP
        : (int) number(params, "protocol", TraceFilter.ANY, 0xff);
  }

  private static Prefix prefix(Map<String, Object> params, String name) {
    try {
      Object text = params.get(name);
      return text == null ? null : Prefix.parse(text.toString());
    } catch (StateException e) {
      throw wrong(name + ": " + e.getMessage());
    }
  }

  /** A number from 0 to {@code most}; {@code otherwise} if it was not given. */
  static long number(Map<String, Object> params, String name, long otherwise, long most) {
    Object given = params.get(name);
    if (given == null) {
      return otherwise;
    }
    if (given instanceof Number number && number.longValue() >= 0 && number.longValue() <= most) {
      return number.longValue();
    }
    throw wrong(name + " is '" + given + "': a number from 0 to " + most + " is meant");
  }

  private static Set<Reason> reasons(Map<String, Object> params) {
    Set<Reason> reasons = EnumSet.noneOf(Reason.class);
    for (Object label : list(params, "reasons")) {
      Reason found = null;
      for (Reason reason : Reason.values()) {
        if (reason.label().equals(label)) {
          found = reason;
        }
      }
      if (found == null) {
        throw wrong("there is no reason '" + label + "': docs/steering.md lists them");
      }
      reasons.add(found);
    }
    return reasons;
  }

  /** Marks name backends in all pools; a name may be one's in several. */
  private Set<Integer> marks(Map<String, Object> params) {
    Set<Integer> marks = new HashSet<>();
    for (Object name : list(params, "backends")) {
      int before = marks.size();
      for (Configuration.PoolFile pool : instance.configuration().pools()) {
        for (Backend backend : instance.snapshot(pool.name()).backends()) {
          if (backend.name().equals(name)) {
            marks.add(backend.fwmark());
          }
        }
      }
      if (marks.size() == before) {
        throw wrong("no pool has a backend '" + name + "': 'magctl show' lists them");
      }
    }
    return marks;
  }

  private static List<?> list(Map<String, Object> params, String name) {
    Object given = params.get(name);
    if (given == null) {
      return List.of();
    }
    if (given instanceof List<?> list) {
      return list;
    }
    throw wrong(name + " is '" + given + "': a list is meant");
  }

  private static RpcException wrong(String message) {
    return new RpcException(RpcError.INVALID_PARAMS, message);
  }
}

package io.synlev.lbd;

import io.synlev.control.RpcError;
import io.synlev.control.RpcException;
import io.synlev.datapath.FlowRecord;
import io.synlev.packet.FlowKey;
import io.synlev.packet.IpProtocol;
import io.synlev.state.Configuration.PoolFile;
import io.synlev.state.Instance;
import io.synlev.state.PoolSnapshot;
import io.synlev.state.PortRange;
import io.synlev.state.Prefix;
import io.synlev.state.Protocol;
import io.synlev.state.Service;
import io.synlev.state.ServiceMatch;
import io.synlev.state.StateException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** Which live flows are meant: those that fit every parameter that is given. */
final class FlowFilter {
  /** The parameters that it reads. */
  static final Set<String> PARAMETERS = Set.of("pool", "backend", "service", "vip", "source");

  private FlowFilter() {}

  /**
   * Reads the parameters.
   *
   * @throws RpcException if one is malformed, or names what is not there
   */
  static Predicate<FlowRecord> parse(Instance instance, Map<String, Object> params) {
    Predicate<FlowRecord> filter = flow -> true;
    String pool = text(params, "pool");
    String backend = text(params, "backend");
    if (pool != null || backend != null) {
      Set<Integer> marks = marks(instance, pool, backend);
      filter = filter.and(flow -> marks.contains(flow.mark));
    }
    String service = text(params, "service");
    if (service != null) {
      filter = filter.and(service(instance, service));
    }
    Prefix vip = prefix(params, "vip");
    if (vip != null) {
      filter = filter.and(flow -> isTo(vip, flow.flow));
    }
    Prefix source = prefix(params, "source");
    if (source != null) {
      filter = filter.and(flow -> isFrom(source, flow.flow));
    }
    return filter;
  }

  private static Set<Integer> marks(Instance instance, String pool, String backend) {
    Set<Integer> marks = new HashSet<>();
    for (PoolFile file : instance.configuration().pools()) {
      if (pool == null || file.name().equals(pool)) {
        for (PoolSnapshot.Member member : instance.snapshot(file.name()).members()) {
          if (backend == null || member.backend().name().equals(backend)) {
            marks.add(member.backend().fwmark());
          }
        }
      }
    }
    if (marks.isEmpty()) {
      throw wrong(
          "there is no backend"
              + (backend == null ? "" : " '" + backend + "'")
              + (pool == null ? "" : " in a pool '" + pool + "'")
              + ": 'magctl show' lists them");
    }
    return marks;
  }

  /** By addresses, protocol and ports: a service of higher priority may have some of them. */
  private static Predicate<FlowRecord> service(Instance instance, String name) {
    for (Service service : instance.configuration().services()) {
      if (service.name().equals(name)) {
        ServiceMatch match = service.match();
        return flow -> fits(match, flow.flow);
      }
    }
    throw wrong("there is no service '" + name + "': 'magctl service list' lists them");
  }

  private static boolean fits(ServiceMatch match, FlowKey flow) {
    return match.protocols().contains(protocol(flow.protocol))
        && match.vips().stream().anyMatch(vip -> isTo(vip, flow))
        && (match.sources().isEmpty() || match.sources().stream().anyMatch(s -> isFrom(s, flow)))
        && fits(match.ports(), flow.ports & 0xffff)
        && fits(match.sourcePorts(), flow.ports >>> 16);
  }

  private static Protocol protocol(int number) {
    return switch (number) {
      case IpProtocol.TCP -> Protocol.TCP;
      case IpProtocol.UDP -> Protocol.UDP;
      default -> Protocol.SCTP;
    };
  }

  private static boolean fits(List<PortRange> ranges, int port) {
    return ranges.isEmpty() || ranges.stream().anyMatch(range -> range.contains(port));
  }

  private static boolean isTo(Prefix prefix, FlowKey flow) {
    return prefix.contains(flow.family == FlowKey.IPV6, flow.destinationHigh, flow.destinationLow);
  }

  private static boolean isFrom(Prefix prefix, FlowKey flow) {
    return prefix.contains(flow.family == FlowKey.IPV6, flow.sourceHigh, flow.sourceLow);
  }

  private static Prefix prefix(Map<String, Object> params, String name) {
    String text = text(params, name);
    try {
      return text == null ? null : Prefix.parse(text);
    } catch (StateException e) {
      throw wrong(name + ": " + e.getMessage());
    }
  }

  private static String text(Map<String, Object> params, String name) {
    Object given = params.get(name);
    return given == null ? null : given.toString();
  }

  private static RpcException wrong(String message) {
    return new RpcException(RpcError.INVALID_PARAMS, message);
  }
}

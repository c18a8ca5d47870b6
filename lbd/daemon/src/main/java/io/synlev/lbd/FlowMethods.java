package io.synlev.lbd;

import io.synlev.control.Caller;
import io.synlev.control.RpcError;
import io.synlev.control.RpcException;
import io.synlev.datapath.FlowListing;
import io.synlev.datapath.FlowRecord;
import io.synlev.datapath.FlowTable;
import io.synlev.packet.FlowKey;
import io.synlev.packet.IpProtocol;
import io.synlev.state.Addresses;
import io.synlev.state.Prefix;
import io.synlev.state.StateException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/** The methods {@code flows.find}, {@code list}, {@code count}, {@code counters}, {@code flush}. */
final class FlowMethods {
  private static final int MOST_LISTED = 10_000;
  private static final int USUALLY_LISTED = 100;
  private static final Set<String> TUPLE =
      Set.of("protocol", "source", "sourcePort", "destination", "destinationPort");
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final Daemon daemon;

  FlowMethods(Daemon daemon) {
    this.daemon = daemon;
  }

  /** Whether somebody carries one flow, from client to VIP, and its backend's mark or 0. */
  Object find(Caller caller, Map<String, Object> params) {
    ControlMethods.only(params, TUPLE);
    int protocol = (int) TraceRequest.number(params, "protocol", IpProtocol.TCP, 0xff);
    int sourcePort = (int) TraceRequest.number(params, "sourcePort", 0, 0xffff);
    int destinationPort = (int) TraceRequest.number(params, "destinationPort", 0, 0xffff);
    Prefix source = host(params, "source");
    Prefix destination = host(params, "destination");
    int ports = sourcePort << 16 | destinationPort;
    FlowKey flow = new FlowKey();
    if (source.ipv6()) {
      flow.ipv6(
          source.high(), source.low(), destination.high(), destination.low(), protocol, ports);
    } else {
      flow.ipv4((int) source.low(), (int) destination.low(), protocol, ports);
    }
    boolean hasPorts =
        protocol == IpProtocol.TCP || protocol == IpProtocol.UDP || protocol == IpProtocol.SCTP;
    boolean isSound = hasPorts && source.ipv6() == destination.ipv6();
    return Map.of(
        "offload",
        daemon.flows().inForce().word(),
        "fwmark",
        isSound ? daemon.flows().find(flow) : FlowTable.NONE);
  }

  private static Prefix host(Map<String, Object> params, String name) {
    try {
      Prefix host = Prefix.parse(String.valueOf(params.get(name)));
      if (host.isHost()) {
        return host;
      }
      throw new RpcException(RpcError.INVALID_PARAMS, name + ": one address is meant, not " + host);
    } catch (StateException e) {
      throw new RpcException(RpcError.INVALID_PARAMS, name + ": " + e.getMessage());
    }
  }

  /** Live flows, as they are met, up to a limit; and how many fit in all. */
  Object list(Caller caller, Map<String, Object> params) {
    ControlMethods.only(params, with("limit"));
    Predicate<FlowRecord> filter = FlowFilter.parse(daemon.instance(), params);
    long limit = TraceRequest.number(params, "limit", USUALLY_LISTED, MOST_LISTED);
    List<Object> flows = new ArrayList<>();
    long[] fitting = new long[1];
    visit(
        flow -> {
          if (flow.isLive && filter.test(flow) && fitting[0]++ < limit) {
            flows.add(describe(flow));
          }
        });
    return Map.of("flows", flows, "fitting", fitting[0]);
  }

  /** Numbers of live flows, in all and by mark, and what the program has counted. */
  Object count(Caller caller, Map<String, Object> params) {
    ControlMethods.only(params, FlowFilter.PARAMETERS);
    Predicate<FlowRecord> filter = FlowFilter.parse(daemon.instance(), params);
    Map<Integer, long[]> byMark = new TreeMap<>();
    visit(
        flow -> {
          if (flow.isLive && filter.test(flow)) {
            long[] sums = byMark.computeIfAbsent(flow.mark, _ -> new long[3]);
            sums[0]++;
            sums[1] += Math.max(0, flow.packets);
            sums[2] += Math.max(0, flow.bytes);
          }
        });
    List<Object> backends = new ArrayList<>();
    byMark.forEach(
        (mark, sums) ->
            backends.add(
                Map.of("fwmark", mark, "flows", sums[0], "packets", sums[1], "bytes", sums[2])));
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("flows", byMark.values().stream().mapToLong(sums -> sums[0]).sum());
    FlowListing listing = listing();
    answer.put("room", listing.room().flows());
    answer.put("roomOf", listing.room().of());
    answer.put("carrier", listing.carrier());
    answer.put("backends", backends);
    answer.put("program", counted(listing));
    return answer;
  }

  /** What was counted of flows, without looking at each. */
  Object counters(Caller caller, Map<String, Object> params) {
    ControlMethods.only(params, Set.of());
    FlowListing listing = listing();
    return Map.of("carrier", listing.carrier(), "counters", counted(listing));
  }

  private static Map<String, Long> counted(FlowListing listing) {
    try {
      return listing.counters();
    } catch (IOException e) {
      throw failed(e);
    }
  }

  /** Forgets flows: their next packet is a new flow's. */
  Object flush(Caller caller, Map<String, Object> params) {
    ControlMethods.only(params, with("all"));
    if (params.isEmpty()) {
      throw new RpcException(
          RpcError.INVALID_PARAMS, "say which flows are meant, or \"all\": true");
    }
    Predicate<FlowRecord> filter = FlowFilter.parse(daemon.instance(), params);
    try {
      return Map.of("flushed", listing().flush(filter));
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private void visit(java.util.function.Consumer<FlowRecord> visitor) {
    try {
      listing().forEach(visitor);
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private FlowListing listing() {
    FlowListing listing = daemon.flows().listing();
    if (listing != null) {
      return listing;
    }
    throw new RpcException(
        RpcError.FAILED,
        "flows are listed where tc or dpdk carries them, and lbd runs with --offload "
            + daemon.flows().inForce().word()
            + (daemon.flows().inForce() == Offload.CONNTRACK ? ": try 'conntrack -L'" : ""));
  }

  private static RpcException failed(IOException e) {
    return new RpcException(RpcError.FAILED, "the flow table cannot be read: " + e.getMessage());
  }

  private static Set<String> with(String name) {
    Set<String> known = new HashSet<>(FlowFilter.PARAMETERS);
    known.add(name);
    return known;
  }

  private static Map<String, Object> describe(FlowRecord record) {
    FlowKey flow = record.flow;
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("protocol", flow.protocol);
    all.put("source", address(flow.family, flow.sourceHigh, flow.sourceLow));
    all.put("sourcePort", flow.ports >>> 16);
    all.put("destination", address(flow.family, flow.destinationHigh, flow.destinationLow));
    all.put("destinationPort", flow.ports & 0xffff);
    all.put("fwmark", record.mark);
    all.put("state", record.isClosing ? "closing" : record.isYoung ? "new" : "established");
    all.put("packets", known(record.packets));
    all.put("bytes", known(record.bytes));
    all.put("idleMillis", record.idleNanos / NANOS_PER_MILLI);
    return all;
  }

  private static Long known(long number) {
    return number == FlowRecord.UNKNOWN ? null : number;
  }

  private static String address(int family, long high, long low) {
    return Addresses.format(Addresses.of(family == FlowKey.IPV6, high, low));
  }
}

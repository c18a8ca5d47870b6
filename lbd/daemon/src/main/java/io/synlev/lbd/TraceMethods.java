package io.synlev.lbd;

import io.synlev.control.Caller;
import io.synlev.control.RpcError;
import io.synlev.control.RpcException;
import io.synlev.steering.trace.Trace;
import io.synlev.steering.trace.TracedPacket;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The methods {@code trace.start}, {@code trace.read} and {@code trace.stop}. */
final class TraceMethods {
  /** Bytes of packets in one answer, before they become text. */
  private static final int MOST_BYTES = 256 << 10;

  private static final int MOST_PACKETS = 1000;

  private final TraceSessions sessions;
  private final TraceRequest requests;
  private final TraceReport report;

  TraceMethods(Daemon daemon) {
    sessions = daemon.inForce().traces();
    requests = new TraceRequest(daemon.instance());
    report = new TraceReport(daemon);
  }

  Object start(Caller caller, Map<String, Object> params) {
    TraceRequest.Parsed parsed = requests.parse(params);
    try {
      long id = sessions.start(parsed.filter(), parsed.rate(), parsed.snapLength());
      return Map.of("trace", id, "leaseMillis", TraceSessions.LEASE.toMillis());
    } catch (IllegalArgumentException e) {
      throw new RpcException(RpcError.INVALID_PARAMS, e.getMessage());
    } catch (IllegalStateException e) {
      throw new RpcException(RpcError.FAILED, e.getMessage());
    }
  }

  Object read(Caller caller, Map<String, Object> params) {
    ControlMethods.only(params, Set.of("trace", "max"));
    long id = TraceRequest.number(params, "trace", -1, Long.MAX_VALUE);
    Trace trace = sessions.read(id);
    if (trace == null) {
      throw unknown(id);
    }
    long max = TraceRequest.number(params, "max", MOST_PACKETS, MOST_PACKETS);
    List<Object> packets = new ArrayList<>();
    int bytes = 0;
    while (packets.size() < max && bytes < MOST_BYTES) {
      TracedPacket packet = trace.take();
      if (packet == null) {
        break;
      }
      bytes += packet.bytes().length;
      packets.add(report.of(packet));
    }
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("packets", packets);
    answer.put("overRate", trace.overRate());
    answer.put("withoutRoom", trace.withoutRoom());
    return answer;
  }

  Object stop(Caller caller, Map<String, Object> params) {
    ControlMethods.only(params, Set.of("trace"));
    long id = TraceRequest.number(params, "trace", -1, Long.MAX_VALUE);
    if (!sessions.stop(id)) {
      throw unknown(id);
    }
    return Map.of("stopped", true);
  }

  private static RpcException unknown(long id) {
    return new RpcException(
        RpcError.FAILED,
        "there is no trace "
            + id
            + ": it was stopped, or not read for "
            + TraceSessions.LEASE.toSeconds()
            + " s; start another");
  }
}

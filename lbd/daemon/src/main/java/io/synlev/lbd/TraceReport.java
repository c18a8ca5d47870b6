package io.synlev.lbd;

import io.synlev.datapath.Action;
import io.synlev.datapath.Decision;
import io.synlev.netfilter.QueueOptions;
import io.synlev.state.Backend;
import io.synlev.state.Configuration;
import io.synlev.state.Instance;
import io.synlev.state.Service;
import io.synlev.state.StateException;
import io.synlev.steering.trace.TracedPacket;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A traced packet for a reader who knows names, not indices. One thread. */
final class TraceReport {
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private record Named(String pool, String backend) {}

  private final Daemon daemon;
  private Map<Integer, Named> byMark = Map.of();
  private long epochSeen = -1;

  TraceReport(Daemon daemon) {
    this.daemon = daemon;
  }

  /** The packet's time in nanoseconds since 1970, what was decided, and its bytes in Base64. */
  Map<String, Object> of(TracedPacket packet) {
    Decision decision = packet.decision();
    boolean isTo = decision.action == Action.MARK && decision.backend != Decision.NO_BACKEND;
    Named named = isTo ? named(decision.mark) : null;
    Service service = packet.service();
    boolean asked = decision.generation != 0 || decision.backend >= 0 || decision.hash != 0;
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("time", epochNanos(packet.nanos()));
    report.put("queue", queue(packet.worker()));
    report.put("action", decision.action.name().toLowerCase(Locale.ROOT));
    report.put(
        "mark", decision.action == Action.MARK ? Integer.toUnsignedLong(decision.mark) : null);
    report.put("reason", decision.reason.label());
    report.put("service", service == null ? null : service.name());
    report.put("pool", named == null ? null : named.pool);
    report.put("backend", named == null ? null : named.backend);
    report.put("generation", asked ? decision.generation : null);
    report.put("hash", asked ? Integer.toUnsignedLong(decision.hash) : null);
    report.put("slot", asked ? decision.slot : null);
    report.put("length", packet.length());
    report.put("bytes", Base64.getEncoder().encodeToString(packet.bytes()));
    return report;
  }

  /** Null for a worker of a datapath without queues. */
  private Integer queue(int worker) {
    List<QueueOptions> queues = daemon.settings().allQueues();
    return worker < queues.size() ? queues.get(worker).queue() : null;
  }

  private static long epochNanos(long nanos) {
    Instant now = Instant.now();
    long ago = System.nanoTime() - nanos;
    return now.getEpochSecond() * NANOS_PER_SECOND + now.getNano() - ago;
  }

  /** Marks are unique in the instance; one that is not known is of a backend that has gone. */
  private Named named(int mark) {
    Instance instance = daemon.instance();
    long epoch = instance.epoch();
    if (epoch != epochSeen) {
      Map<Integer, Named> all = new HashMap<>();
      for (Configuration.PoolFile pool : instance.configuration().pools()) {
        addPool(instance, pool.name(), all);
      }
      byMark = all;
      epochSeen = epoch;
    }
    return byMark.get(mark);
  }

  private static void addPool(Instance instance, String pool, Map<Integer, Named> all) {
    try {
      for (Backend backend : instance.snapshot(pool).backends()) {
        all.put(backend.fwmark(), new Named(pool, backend.name()));
      }
    } catch (StateException deleted) {
      // It went just now, and so did its backends.
    }
  }
}

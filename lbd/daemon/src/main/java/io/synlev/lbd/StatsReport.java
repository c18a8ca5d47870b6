package io.synlev.lbd;

import io.synlev.datapath.Reason;
import io.synlev.datapath.WorkerStatistics;
import io.synlev.state.Backend;
import io.synlev.state.Configuration.PoolFile;
import io.synlev.state.Instance;
import io.synlev.state.Pool;
import io.synlev.state.PoolSnapshot;
import io.synlev.state.WorkerCounters;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What has been counted, by reason, by worker and by backend. */
final class StatsReport {
  private final Daemon daemon;

  StatsReport(Daemon daemon) {
    this.daemon = daemon;
  }

  /** Looks now. Counters are read one by one while workers go on. */
  Map<String, Object> make() {
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("reasons", reasons());
    report.put("workers", workers());
    report.put("health", daemon.beside().health().counters());
    report.put("pools", pools());
    return report;
  }

  private Map<String, Object> reasons() {
    int workers = daemon.inForce().views().workers();
    List<WorkerCounters> counters = new ArrayList<>();
    for (int worker = 0; worker < workers; worker++) {
      counters.add(daemon.instance().counters(worker));
    }
    Map<String, Object> reasons = new LinkedHashMap<>();
    for (Reason reason : Reason.values()) {
      reasons.put(reason.label(), counters.stream().mapToLong(each -> each.get(reason.id())).sum());
    }
    return reasons;
  }

  private List<Map<String, Object>> workers() {
    List<Map<String, Object>> workers = new ArrayList<>();
    for (WorkerStatistics statistics : daemon.datapath().statistics()) {
      Map<String, Object> worker = new LinkedHashMap<>();
      worker.put("worker", statistics.worker());
      worker.putAll(statistics.counters());
      worker.putAll(daemon.flows().statistics(workers.size()));
      workers.add(worker);
    }
    return workers;
  }

  private List<Map<String, Object>> pools() {
    Instance instance = daemon.instance();
    List<Map<String, Object>> pools = new ArrayList<>();
    for (PoolFile file : instance.configuration().pools()) {
      // Under the monitor: we are on a thread that the watcher does not wait for.
      pools.add(instance.look(file.name(), StatsReport::pool));
    }
    return pools;
  }

  private static Map<String, Object> pool(Pool pool) {
    PoolSnapshot snapshot = pool.snapshot();
    List<Map<String, Object>> backends = new ArrayList<>();
    for (PoolSnapshot.Member member : snapshot.members()) {
      Backend backend = member.backend();
      Map<String, Object> each = new LinkedHashMap<>();
      each.put("backend", backend.name());
      each.put("fwmark", backend.fwmark());
      each.put("packets", pool.packets(member.index()));
      backends.add(each);
    }
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("pool", snapshot.settings().name());
    report.put("generation", snapshot.generation());
    report.put("backends", backends);
    return report;
  }
}

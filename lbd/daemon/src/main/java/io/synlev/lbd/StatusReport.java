package io.synlev.lbd;

import io.synlev.datapath.WorkerStatistics;
import io.synlev.netfilter.NfqueueDatapath;
import io.synlev.netfilter.QueueSettings;
import io.synlev.state.Configuration;
import io.synlev.state.StateDirectory;
import io.synlev.steering.SteeringOptions;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Who this is and what is in force. */
final class StatusReport {
  private final Daemon daemon;
  private final Instant started = Instant.now().truncatedTo(ChronoUnit.MILLIS);

  StatusReport(Daemon daemon) {
    this.daemon = daemon;
  }

  /** Looks now. */
  Map<String, Object> make() {
    StateDirectory directory = daemon.settings().directory();
    SteeringOptions steering = daemon.settings().steering();
    Configuration configuration = daemon.instance().configuration();
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("instance", directory.instance());
    report.put("stateDirectory", directory.path().toString());
    report.put("state", daemon.beside().watcher().directoryState().name().toLowerCase(Locale.ROOT));
    report.put("pid", ProcessHandle.current().pid());
    report.put("version", Version.text());
    report.put("started", started.toString());
    report.put("uptimeSeconds", Duration.between(started, Instant.now()).toSeconds());
    report.put("takeOver", daemon.takeOver().map(TakeOverReport::asMap).orElse(null));
    report.put("markMask", "0x" + Integer.toHexString(daemon.instance().settings().markMask()));
    report.put("noService", steering.noService().text());
    report.put("noBackend", steering.noBackend().text());
    report.put("icmpErrors", steering.icmpErrors().text());
    report.put("fragments", fragments(daemon.settings().fragments()));
    report.put("offload", daemon.flows().inForce().word());
    report.put("datapath", daemon.datapath().name());
    report.put("logLevel", Levels.format(StderrLogging.level()));
    report.put("configurationGeneration", configuration.generation());
    report.put("viewGeneration", daemon.inForce().views().current().generation());
    report.put("pools", configuration.pools().size());
    report.put("services", configuration.services().size());
    report.put("healthChecks", configuration.checks().keySet());
    report.put("allDown", daemon.beside().health().allDown());
    if (!daemon.inForce().tier().links().isEmpty()) {
      report.put("tierInterfaces", daemon.inForce().tier().links().found());
    }
    report.put("queues", queues());
    return report;
  }

  /** What threads of fragment queues remember; null if there are none. */
  private static Map<String, Object> fragments(FragmentSettings settings) {
    if (settings == null) {
      return null;
    }
    Map<String, Object> fragments = new LinkedHashMap<>();
    fragments.put("datagrams", settings.options().datagrams());
    fragments.put("lifeNanos", settings.options().lifeNanos());
    fragments.put("heldFragments", settings.options().heldFragments());
    fragments.put("heldBytes", settings.options().heldBytes());
    return fragments;
  }

  private List<Map<String, Object>> queues() {
    NfqueueDatapath served = daemon.queues();
    if (served == null) {
      return List.of();
    }
    List<QueueSettings> settings = served.queueSettings();
    List<WorkerStatistics> statistics = served.statistics();
    List<Map<String, Object>> queues = new ArrayList<>();
    for (int i = 0; i < settings.size(); i++) {
      Map<String, Object> queue = queue(settings.get(i));
      queue.put("worker", statistics.get(i).worker());
      queue.put("allocatedBytes", statistics.get(i).counters().get("allocated-bytes"));
      queues.add(queue);
    }
    return queues;
  }

  private static Map<String, Object> queue(QueueSettings settings) {
    Map<String, Object> queue = new LinkedHashMap<>();
    queue.put("queue", settings.options().queue());
    queue.put("portId", settings.portId());
    queue.put("copyRange", settings.copyRange());
    queue.put("queueLength", settings.options().queueLength());
    queue.put("receiveBuffer", settings.receiveBuffer());
    queue.put("failOpen", settings.options().failOpen());
    queue.put("gso", settings.options().gso());
    queue.put("batch", settings.options().batch());
    return queue;
  }
}

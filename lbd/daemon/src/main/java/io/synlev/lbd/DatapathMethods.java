package io.synlev.lbd;

import io.synlev.control.Caller;
import io.synlev.control.RpcError;
import io.synlev.control.RpcException;
import io.synlev.threads.Threads;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The methods {@code datapath.show} and {@code datapath.switch}: which datapath serves, and another
 * one in its place, on a thread of its own for each time.
 */
final class DatapathMethods {
  private static final Logger LOG = System.getLogger(DatapathMethods.class.getName());
  private static final long NANOS_PER_MICRO = 1000;

  private final Daemon daemon;
  private volatile SwitchReport report;
  private volatile DatapathSettings standby;

  private volatile boolean isEnding;
  private Thread thread;

  DatapathMethods(Daemon daemon) {
    this.daemon = daemon;
    DaemonSettings settings = daemon.settings();
    standby = settings.datapath() == null ? settings.standby() : settings.datapath();
  }

  /** Whether a switch is under way. */
  boolean isSwitching() {
    return report != null && !report.isOver();
  }

  /** Which datapath serves, by what, since when, and the last switch. */
  Object show(Caller caller, Map<String, Object> params) {
    ControlMethods.only(params, Set.of());
    SwitchReport last = report; // first: once it is over, what serves is what it says
    ServingDatapath serving = daemon.serving();
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("datapath", serving.name());
    answer.put("since", serving.since() == null ? null : serving.since().toString());
    answer.put("settings", serving.datapath().settings());
    answer.put("options", serving.settings() == null ? List.of() : serving.settings().options());
    answer.put("flows", daemon.flows().inForce().word());
    answer.put("standby", standby == null ? null : standby.options());
    answer.put("lastSwitch", last == null ? null : last.asMap());
    return answer;
  }

  /** Begins a switch, which {@link #show} tells about; or says that there is nothing to do. */
  synchronized Object begin(Caller caller, Map<String, Object> params) {
    ControlMethods.only(params, Set.of("to", "options"));
    DatapathSettings wanted = wanted(params);
    ServingDatapath former = daemon.serving();
    String name = wanted == null ? DatapathSettings.NFQUEUE : wanted.name();
    refuseWhenBusy();
    if (former.name().equals(name)) {
      refuseOtherOptions(former, wanted);
      return Map.of("to", name, "isSwitching", false);
    }
    ServingDatapath made = daemon.inForce().make(wanted);
    daemon.inForce().comes(made);
    try {
      made.admit(daemon.instance());
      makeRoom(wanted);
    } catch (RuntimeException e) {
      daemon.inForce().comes(null);
      throw e;
    }
    report =
        SwitchReport.begun(
            former.name(), name, Instant.now().truncatedTo(ChronoUnit.MILLIS), "preparing " + name);
    thread = Thread.ofPlatform().name("switch").daemon().unstarted(() -> run(former, made));
    thread.start();
    return Map.of("to", name, "isSwitching", true);
  }

  /** What is to serve; null for queues. */
  private DatapathSettings wanted(Map<String, Object> params) {
    String to = String.valueOf(params.get("to"));
    Object given = params.get("options");
    List<String> options =
        given instanceof List<?> list ? list.stream().map(String::valueOf).toList() : List.of();
    if (to.equals(DatapathSettings.NFQUEUE)) {
      if (!options.isEmpty()) {
        throw invalid(
            "nfqueue takes no options: those of its queues are given to lbd at its start");
      }
      return null;
    }
    if (options.isEmpty() && standby != null && standby.name().equals(to)) {
      return standby;
    }
    try {
      DatapathSettings settings = new DatapathSettings(to, options);
      int ignored = settings.workers();
      return settings;
    } catch (IllegalArgumentException e) {
      throw invalid(e.getMessage());
    }
  }

  private static RpcException invalid(String why) {
    return new RpcException(RpcError.INVALID_PARAMS, why);
  }

  private static RpcException failed(String why) {
    return new RpcException(RpcError.FAILED, why);
  }

  private void refuseWhenBusy() {
    if (isSwitching()) {
      throw failed("a switch to " + report.to() + " is under way: wait for its end");
    }
    if (isEnding) {
      throw failed("this lbd is about to end");
    }
    if (daemon.isHandingOver()) {
      throw failed("another lbd is taking over: ask that one");
    }
  }

  private static void refuseOtherOptions(ServingDatapath serving, DatapathSettings wanted) {
    if (wanted != null && !wanted.options().equals(serving.settings().options())) {
      throw failed(
          wanted.name()
              + " serves with other options: switch to nfqueue first, then to "
              + wanted.name()
              + " with the new ones");
    }
  }

  private void makeRoom(DatapathSettings wanted) {
    int all;
    try {
      all = daemon.settings().workersWith(wanted);
    } catch (IllegalArgumentException e) {
      throw invalid(e.getMessage());
    }
    if (all <= daemon.inForce().views().workers()) {
      return;
    }
    try {
      daemon.inForce().traces().endAll();
      daemon.beside().watcher().widen(all);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failed("lbd is ending");
    }
  }

  private void run(ServingDatapath former, ServingDatapath made) {
    DatapathSwitch change = new DatapathSwitch(daemon, former, made, daemon.onFailure());
    SwitchReport outcome;
    try {
      long begun = System.nanoTime();
      change.prepare();
      long flows = change.carryFlows();
      refuseToGoOnAtTheEnd();
      long micros = (System.nanoTime() - begun) / NANOS_PER_MICRO;
      report = report.prepared(micros, flows).at("changing over to " + made.name());
      change.change();
      outcome = succeed(former, made, change);
    } catch (IOException | RuntimeException | Error e) { // also no memory, no library
      outcome = fail(change, former, String.valueOf(e.getMessage()), e);
    }
    daemon.inForce().comes(null);
    report = outcome; // last: who is told may ask for the next switch at once
  }

  private void refuseToGoOnAtTheEnd() throws IOException {
    if (isEnding) {
      throw new IOException("lbd is about to end");
    }
  }

  private SwitchReport succeed(
      ServingDatapath former, ServingDatapath made, DatapathSwitch change) {
    if (made.settings() != null) {
      standby = made.settings();
    }
    daemon.inForce().serveBy(made);
    former.closeFlows();
    SwitchReport done = report.done(change.gapMicros(), change.togetherMicros());
    LOG.log(
        Level.INFO,
        "%s serves instead of %s: prepared in %d ms, nobody took packets for %d us, both for %d us"
            .formatted(
                done.to(),
                done.from(),
                done.preparedMicros() / 1000,
                done.gapMicros(),
                done.togetherMicros()));
    return done;
  }

  private SwitchReport fail(
      DatapathSwitch change, ServingDatapath former, String why, Throwable cause) {
    try {
      ServingDatapath serving = change.undo();
      if (serving != former) {
        daemon.inForce().serveBy(serving);
        former.closeFlows();
      }
      LOG.log(
          cause instanceof IOException ? Level.WARNING : Level.ERROR,
          "not switched to " + report.to() + ", " + serving.name() + " serves on: " + why,
          cause instanceof IOException ? null : cause);
      return report.failed(why);
    } catch (IOException | RuntimeException | Error e) {
      daemon.onFailure().accept(e);
      return report.failed(why + "; and " + former.name() + " cannot be brought back: " + e);
    }
  }

  /** Before the daemon's end: a switch that has not come to the change is broken off. */
  void settle() {
    isEnding = true;
    Thread running;
    synchronized (this) {
      running = thread;
    }
    if (running != null) {
      Threads.awaitEnd(running);
    }
  }
}

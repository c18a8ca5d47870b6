package io.synlev.lbd;

import io.synlev.control.Caller;
import io.synlev.control.Dispatcher;
import io.synlev.control.Handler;
import io.synlev.control.RpcError;
import io.synlev.control.RpcException;
import io.synlev.state.StateException;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** What the control socket answers; docs/lbd.md has an example of each. */
final class ControlMethods {
  private final Daemon daemon;
  private final Runnable stop;

  private ControlMethods(Daemon daemon, Runnable stop) {
    this.daemon = daemon;
    this.stop = stop;
  }

  /**
   * The methods of a daemon.
   *
   * @param stop asks for the daemon's end and returns at once
   */
  static Dispatcher of(Daemon daemon, Runnable stop) {
    ControlMethods methods = new ControlMethods(daemon, stop);
    StatusReport status = new StatusReport(daemon);
    StatsReport stats = new StatsReport(daemon);
    TraceMethods traces = new TraceMethods(daemon);
    FlowMethods flows = new FlowMethods(daemon);
    DrainMethods drains = new DrainMethods(daemon);
    return new Dispatcher()
        .query("status", guarded(withoutParameters(status::make)))
        .query("stats", guarded(withoutParameters(stats::make)))
        .query("health", guarded(new HealthMethod(daemon.beside().health())::report))
        .command("sync", guarded(methods::sync))
        .command("log.level", methods::logLevel)
        .command("trace.start", guarded(traces::start))
        .query("trace.read", guarded(traces::read))
        .query("trace.stop", guarded(traces::stop))
        .query("flows.find", guarded(flows::find))
        .query("flows.list", guarded(flows::list))
        .query("flows.count", guarded(flows::count))
        .query("flows.counters", guarded(flows::counters))
        .command("flows.flush", guarded(flows::flush))
        .command("flows.end", guarded(drains::end))
        .query("drain.status", guarded(drains::status))
        .query("datapath.show", guarded(daemon.datapathMethods()::show))
        .command("datapath.switch", guarded(daemon.datapathMethods()::begin))
        .command(HandOverProtocol.METHOD, guarded(daemon.handOver(stop)::begin))
        .command("stop", methods::stop);
  }

  private static Handler withoutParameters(Supplier<Object> report) {
    return (caller, params) -> {
      none(params);
      return report.get();
    };
  }

  /** The state may be unusable, which is no defect of ours. */
  private static Handler guarded(Handler handler) {
    return (caller, params) -> {
      try {
        return handler.handle(caller, params);
      } catch (PausedException e) {
        throw new RpcException(RpcError.ASK_AGAIN, e.getMessage());
      } catch (StateException e) {
        throw new RpcException(RpcError.FAILED, e.getMessage());
      }
    };
  }

  private Object sync(Caller caller, Map<String, Object> params) {
    none(params);
    try {
      return Map.of("generation", daemon.beside().watcher().sync());
    } catch (InterruptedException e) {
      throw new RpcException(RpcError.FAILED, "lbd is ending");
    }
  }

  private Object logLevel(Caller caller, Map<String, Object> params) {
    only(params, Set.of("level"));
    Object level = params.get("level");
    if (level != null) {
      try {
        StderrLogging.setLevel(Levels.parse(level.toString()));
      } catch (IllegalArgumentException e) {
        throw new RpcException(RpcError.INVALID_PARAMS, e.getMessage());
      }
    }
    return Map.of("level", Levels.format(StderrLogging.level()));
  }

  private Object stop(Caller caller, Map<String, Object> params) {
    none(params);
    stop.run();
    return Map.of("stopping", true);
  }

  private static void none(Map<String, Object> params) {
    only(params, Set.of());
  }

  static void only(Map<String, Object> params, Set<String> known) {
    for (String name : params.keySet()) {
      if (!known.contains(name)) {
        throw new RpcException(
            RpcError.INVALID_PARAMS,
            "there is no parameter '"
                + name
                + "': "
                + (known.isEmpty() ? "this method takes none" : "there are " + known));
      }
    }
  }
}

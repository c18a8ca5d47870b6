package io.synlev.lbd;

import io.synlev.control.Caller;
import io.synlev.control.RpcError;
import io.synlev.control.RpcException;
import io.synlev.state.Backend;
import io.synlev.state.Instance;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The methods {@code drain.status} and {@code flows.end}. */
final class DrainMethods {
  private final Daemon daemon;

  DrainMethods(Daemon daemon) {
    this.daemon = daemon;
  }

  /** What drains, how many flows it has left, and what has drained. */
  Object status(Caller caller, Map<String, Object> params) {
    ControlMethods.only(params, Set.of());
    return daemon.beside().drains().report();
  }

  /** Ends the flows of backends, once no worker decides by an older table any more. */
  Object end(Caller caller, Map<String, Object> params) {
    ControlMethods.only(params, Set.of("pool", "backends"));
    int[] marks = marks(daemon.instance(), params.get("pool"), params.get("backends"));
    try {
      daemon.inForce().views().awaitVisits();
      return Map.of(
          "carrier",
          daemon.flows().carried().carrier(),
          "ended",
          daemon.flows().carried().end(marks));
    } catch (IOException e) {
      throw new RpcException(RpcError.FAILED, "flows cannot be ended: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RpcException(RpcError.FAILED, "lbd is ending");
    }
  }

  private static int[] marks(Instance instance, Object pool, Object names) {
    if (!(pool instanceof String) || !(names instanceof List<?> list)) {
      throw new RpcException(
          RpcError.INVALID_PARAMS, "say which: \"pool\": NAME, \"backends\": [NAME, ...]");
    }
    List<Backend> backends = instance.snapshot(pool.toString()).backends();
    return list.stream()
        .mapToInt(
            name ->
                backends.stream()
                    .filter(backend -> backend.name().equals(name))
                    .findFirst()
                    .orElseThrow(
                        () ->
                            new RpcException(
                                RpcError.INVALID_PARAMS,
                                "there is no backend '" + name + "' in pool '" + pool + "'"))
                    .fwmark())
        .toArray();
  }
}

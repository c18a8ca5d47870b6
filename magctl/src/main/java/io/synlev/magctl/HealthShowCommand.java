package io.synlev.magctl;

import io.synlev.control.ControlClient;
import io.synlev.control.ControlException;
import io.synlev.state.Backend;
import io.synlev.state.HealthCheck;
import io.synlev.state.Instance;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Shows what health checks know. */
@Command(
    name = "show",
    description = {
      "Show how backends are checked and what came of it.",
      "Without lbd nobody checks: then it is what the last one found out."
    })
final class HealthShowCommand extends InstanceCommand {
  @Parameters(arity = "0..*", paramLabel = "POOL", description = "Only these pools.")
  private List<String> pools = List.of();

  HealthShowCommand(Context context) {
    super(context);
  }

  @Override
  boolean setWords(List<String> words) {
    pools = words;
    return true;
  }

  @Override
  int call() {
    try (Instance instance = open()) {
      for (String pool : pools) {
        PoolCommand.requirePool(instance, pool);
      }
      boolean isChecking = instance.daemon().isAlive();
      Map<?, ?> answer = isChecking ? ask(instance) : Map.of("pools", known(instance));
      List<Map<?, ?>> wanted = new ArrayList<>();
      for (Object each : (List<?>) answer.get("pools")) {
        Map<?, ?> pool = (Map<?, ?>) each;
        if (pools.isEmpty() || pools.contains(pool.get("pool"))) {
          wanted.add(pool);
        }
      }
      if (json) {
        printJson(
            Json.object(
                "checking", isChecking, "pools", wanted, "counters", answer.get("counters")));
      } else {
        console().print(HealthText.of(wanted, isChecking, console()));
      }
      return Magctl.DONE;
    }
  }

  private static Map<?, ?> ask(Instance instance) {
    try {
      return (Map<?, ?>) ControlClient.ask(instance.directory(), "health", Map.of());
    } catch (ControlException e) {
      throw DaemonRefusal.of(e);
    }
  }

  /** What stands in shared memory. */
  private static List<Object> known(Instance instance) {
    List<Object> pools = new ArrayList<>();
    for (Map.Entry<String, HealthCheck> check : instance.configuration().checks().entrySet()) {
      List<Object> backends = new ArrayList<>();
      for (Backend backend : instance.snapshot(check.getKey()).backends()) {
        Map<String, Object> each = new LinkedHashMap<>();
        each.put("backend", backend.name());
        each.put("health", backend.health().label());
        each.put("weightPercent", backend.ramp());
        backends.add(each);
      }
      pools.add(
          Json.object(
              "pool", check.getKey(), "check", check.getValue().fields(), "backends", backends));
    }
    return pools;
  }
}

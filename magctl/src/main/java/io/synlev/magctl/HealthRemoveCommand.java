package io.synlev.magctl;

import io.synlev.state.Instance;
import picocli.CommandLine.Command;

/** Has a pool checked no longer. */
@Command(
    name = "remove",
    description = "Have the backends of a pool checked no longer. All of them count as up then.")
final class HealthRemoveCommand extends PoolCommand {
  HealthRemoveCommand(Context context) {
    super(context);
  }

  @Override
  int call() {
    try (Instance instance = open()) {
      requirePool(instance, pool);
      instance.updateHealthCheck(pool, _ -> null);
      Confirmation confirmation = Confirmation.ask(instance);
      if (json) {
        printJson(Json.object("pool", pool, "check", null, "daemon", confirmation.json()));
      } else {
        println("pool " + pool + " is checked no longer; its backends count as up");
        console().print(confirmation.text());
      }
      return confirmation.exitCode(console());
    }
  }
}

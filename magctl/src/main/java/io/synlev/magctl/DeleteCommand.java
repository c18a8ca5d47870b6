package io.synlev.magctl;

import io.synlev.state.Instance;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Deletes pools. */
@Command(
    name = "delete",
    description = {
      "Delete pools, or with --all the whole instance.",
      "A pool that a service names is only deleted together with it (--services)."
    })
final class DeleteCommand extends InstanceCommand {
  @Parameters(arity = "0..*", paramLabel = "POOL", description = "The pools.")
  private List<String> pools = List.of();

  @Option(names = "--all", description = "Delete the instance and all its pools, as clean does.")
  private boolean all;

  @Option(names = "--services", description = "Remove the services of the pools too.")
  private boolean services;

  @Option(names = "--force", description = "With --all: even while lbd serves it.")
  private boolean force;

  DeleteCommand(Context context) {
    super(context);
  }

  @Override
  int call() {
    if (all != pools.isEmpty()) {
      throw new UsageException(
          all
              ? "--all deletes every pool: name none beside it"
              : "which pool? Name it, or say --all for the whole instance");
    }
    if (all) {
      InstanceRemoval.run(this, force);
      return Magctl.DONE;
    }
    List<String> names = new ArrayList<>(new LinkedHashSet<>(pools));
    try (Instance instance = open()) {
      PoolRemoval.run(instance, names, services);
      Confirmation confirmation = Confirmation.askAndWait(instance);
      if (json) {
        printJson(Json.object("deleted", names, "daemon", confirmation.json()));
      } else {
        println("deleted: " + String.join(" ", names));
        console().print(confirmation.text());
      }
      return confirmation.exitCode(console());
    }
  }
}

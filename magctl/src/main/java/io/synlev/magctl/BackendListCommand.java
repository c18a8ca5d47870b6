package io.synlev.magctl;

import io.synlev.state.Instance;
import io.synlev.state.PoolSnapshot;
import java.util.List;
import picocli.CommandLine.Command;

/** Lists the backends of a pool. */
@Command(name = "list", description = "List the backends of a pool.")
final class BackendListCommand extends PoolCommand {
  BackendListCommand(Context context) {
    super(context);
  }

  @Override
  boolean setWords(List<String> words) {
    return words.isEmpty();
  }

  @Override
  int call() {
    try (Instance instance = open()) {
      requirePool(instance, pool);
      PoolSnapshot snapshot = instance.snapshot(pool);
      if (json) {
        printJson(
            Json.object(
                "pool", pool,
                "generation", snapshot.generation(),
                "backends", ShowJson.backends(snapshot)));
      } else if (snapshot.members().isEmpty()) {
        println("pool " + pool + " has no backends: 'magctl backend add' adds one");
      } else {
        console().print(ShowText.backends(snapshot, console()));
      }
    }
    return Magctl.DONE;
  }
}

package io.synlev.magctl;

import io.synlev.state.Backend;
import io.synlev.state.Instance;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Removes backends from a pool. */
@Command(
    name = "remove",
    description = "Remove backends from a pool. All of them are removed, or none.")
final class BackendRemoveCommand extends PoolCommand {
  @Parameters(
      arity = "1..*",
      paramLabel = "BACKEND",
      description = "Names or fwmarks (decimal or 0x hex).")
  private List<String> words;

  BackendRemoveCommand(Context context) {
    super(context);
  }

  @Override
  int call() {
    try (Instance instance = open();
        Progress _ = Progress.on(console(), "building the table")) {
      List<Backend> removed = new ArrayList<>();
      StateChange change =
          StateChange.apply(
              instance,
              pool,
              before -> {
                Set<String> names = BackendReferences.names(before, pool, words);
                List<Backend> after = new ArrayList<>();
                for (Backend backend : before) {
                  (names.contains(backend.name()) ? removed : after).add(backend);
                }
                return after;
              });
      BackendReport.print(this, change, "removed", removed);
      // Workers need not be told; but what the kernel carries to it shall end now.
      return Confirmation.ask(instance).exitCode(console());
    }
  }
}

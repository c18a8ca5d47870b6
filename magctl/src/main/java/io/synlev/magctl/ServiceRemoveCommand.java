package io.synlev.magctl;

import io.synlev.state.Instance;
import io.synlev.state.Service;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Removes services. */
@Command(
    name = "remove",
    description = "Remove services; their pools stay. All of them are removed, or none.")
final class ServiceRemoveCommand extends ServiceCommand {
  @Parameters(arity = "1..*", paramLabel = "NAME", description = "The services.")
  private List<String> names;

  ServiceRemoveCommand(Context context) {
    super(context);
  }

  @Override
  int call() {
    try (Instance instance = open()) {
      List<Service> removed = new ArrayList<>();
      instance.updateServices(
          before -> {
            for (String name : new LinkedHashSet<>(names)) {
              removed.add(require(before, name));
            }
            List<Service> after = new ArrayList<>(before);
            after.removeAll(removed);
            return after;
          });
      return report(instance, "removed", removed);
    }
  }
}

package io.synlev.magctl;

import io.synlev.state.Backend;
import io.synlev.state.Instance;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Changes backends. */
@Command(
    name = "set",
    description = "Change weight, addresses, fwmark, state or health of backends.")
final class BackendSetCommand extends PoolCommand {
  @Parameters(
      arity = "1..*",
      paramLabel = "BACKEND",
      description = "Names or fwmarks (decimal or 0x hex).")
  private List<String> words;

  @Mixin private BackendFields fields = new BackendFields();

  BackendSetCommand(Context context) {
    super(context);
  }

  @Override
  int call() {
    if (fields.isEmpty()) {
      throw new UsageException("nothing to change: say what, such as --weight 2");
    }
    fields.check();
    try (Instance instance = open();
        Progress _ = Progress.on(console(), "building the table")) {
      List<Backend> changed = new ArrayList<>();
      StateChange change = StateChange.apply(instance, pool, before -> change(before, changed));
      BackendReport.print(this, change, "set", changed);
    }
    return Magctl.DONE;
  }

  private List<Backend> change(List<Backend> before, List<Backend> changed) {
    Set<String> names = BackendReferences.names(before, pool, words);
    if (names.size() > 1 && fields.isOnlyForOne()) {
      throw new UsageException(
          "fwmark and addresses belong to one backend, and " + names.size() + " are named");
    }
    List<Backend> after = new ArrayList<>(before.size());
    for (Backend backend : before) {
      if (names.contains(backend.name())) {
        Backend now = fields.applyTo(backend);
        changed.add(now);
        after.add(now);
      } else {
        after.add(backend);
      }
    }
    return after;
  }
}

package io.synlev.magctl;

import io.synlev.state.Backend;
import io.synlev.state.Instance;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Adds backends to a pool. */
@Command(
    name = "add",
    description = "Add backends to a pool; they are active unless you say otherwise.")
final class BackendAddCommand extends PoolCommand {
  @Parameters(arity = "1..*", paramLabel = "SPEC", description = BackendSpec.HELP)
  private List<String> words;

  @Mixin private BackendFields common = new BackendFields();

  BackendAddCommand(Context context) {
    super(context);
  }

  @Override
  int call() {
    List<BackendSpec> specs = BackendSpec.parseAll(words);
    common.check();
    if (specs.size() > 1 && common.isOnlyForOne()) {
      throw new UsageException(
          "fwmark and addresses belong to one backend: write them behind each name, such as"
              + " s1,ipv4=192.0.2.1");
    }
    try (Instance instance = open();
        Progress _ = Progress.on(console(), "building the table")) {
      List<Backend> added = new ArrayList<>();
      StateChange change =
          StateChange.apply(
              instance,
              pool,
              before -> {
                added.addAll(BackendSpec.toBackends(specs, common, new FreeMarks(instance, 1)));
                List<Backend> after = new ArrayList<>(before);
                after.addAll(added);
                return after;
              });
      BackendReport.print(this, change, "added", added);
    }
    return Magctl.DONE;
  }
}

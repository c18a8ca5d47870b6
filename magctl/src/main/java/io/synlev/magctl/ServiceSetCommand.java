package io.synlev.magctl;

import io.synlev.state.Instance;
import io.synlev.state.Service;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Changes a service. */
@Command(name = "set", description = "Change a service; what is not said stays as it is.")
final class ServiceSetCommand extends ServiceCommand {
  @Parameters(paramLabel = "NAME", description = "The service.")
  private String name;

  @Mixin private ServiceFields fields = new ServiceFields();

  ServiceSetCommand(Context context) {
    super(context);
  }

  @Override
  int call() {
    if (fields.isEmpty()) {
      throw new UsageException("nothing to change: say what, such as --vip or --pool");
    }
    try (Instance instance = open()) {
      if (fields.pool() != null) {
        PoolCommand.requirePool(instance, fields.pool());
      }
      List<Service> changed = new ArrayList<>();
      instance.updateServices(
          before -> {
            Service was = require(before, name);
            Service now = fields.applyTo(was);
            changed.add(now);
            List<Service> after = new ArrayList<>(before);
            after.set(after.indexOf(was), now);
            return after;
          });
      return report(instance, "set", changed);
    }
  }
}

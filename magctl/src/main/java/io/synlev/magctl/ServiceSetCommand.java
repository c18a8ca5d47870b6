package io.synlev.magctl;

import io.synlev.state.Instance;
import io.synlev.state.Prefix;
import io.synlev.state.Service;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Changes a service. */
@Command(name = "set", description = "Change virtual IPs or pool of a service.")
final class ServiceSetCommand extends ServiceCommand {
  @Parameters(paramLabel = "NAME", description = "The service.")
  private String name;

  @Option(
      names = "--vip",
      arity = "1..*",
      split = ",",
      paramLabel = "PREFIX",
      converter = Converters.Vip.class,
      description = "All its virtual IPs from now on.")
  private List<Prefix> vips;

  @Option(names = "--pool", paramLabel = "NAME", description = "Its pool from now on.")
  private String pool;

  ServiceSetCommand(Context context) {
    super(context);
  }

  @Override
  int call() {
    if (vips == null && pool == null) {
      throw new UsageException("nothing to change: say --vip or --pool");
    }
    try (Instance instance = open()) {
      if (pool != null) {
        PoolCommand.requirePool(instance, pool);
      }
      List<Service> changed = new ArrayList<>();
      instance.updateServices(
          before -> {
            Service was = require(before, name);
            Service now =
                new Service(
                    name, pool == null ? was.pool() : pool, vips == null ? was.vips() : vips);
            changed.add(now);
            List<Service> after = new ArrayList<>(before);
            after.set(after.indexOf(was), now);
            return after;
          });
      return report(instance, "set", changed);
    }
  }
}

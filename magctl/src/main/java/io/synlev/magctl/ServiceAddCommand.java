package io.synlev.magctl;

import io.synlev.state.Instance;
import io.synlev.state.Service;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Adds a service. */
@Command(name = "add", description = "Let clients reach a pool at virtual IPs.")
final class ServiceAddCommand extends ServiceCommand {
  @Parameters(paramLabel = "NAME", description = "The service's name.")
  private String name;

  @Mixin private ServiceFields fields = new ServiceFields();

  ServiceAddCommand(Context context) {
    super(context);
  }

  @Override
  int call() {
    if (!fields.saysVips()) {
      throw new UsageException("--vip is missing: say where clients find it, such as 203.0.113.7");
    }
    Service service = fields.create(name);
    try (Instance instance = open()) {
      PoolCommand.requirePool(instance, service.pool());
      instance.updateServices(
          before -> {
            List<Service> after = new ArrayList<>(before);
            after.add(service);
            return after;
          });
      return report(instance, "added", List.of(service));
    }
  }
}

package io.synlev.magctl;

import io.synlev.state.Instance;
import io.synlev.state.Prefix;
import io.synlev.state.Service;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Adds a service. */
@Command(name = "add", description = "Let clients reach a pool at virtual IPs.")
final class ServiceAddCommand extends ServiceCommand {
  @Parameters(paramLabel = "NAME", description = "The service's name.")
  private String name;

  @Option(
      names = "--vip",
      required = true,
      arity = "1..*",
      split = ",",
      paramLabel = "PREFIX",
      converter = Converters.Vip.class,
      description = "Its virtual IPs, such as 203.0.113.7 or 2001:db8::/64.")
  private List<Prefix> vips;

  @Option(names = "--pool", paramLabel = "NAME", description = "The pool (\"default\").")
  private String pool = PoolCommand.DEFAULT_POOL;

  ServiceAddCommand(Context context) {
    super(context);
  }

  @Override
  int call() {
    Service service = new Service(name, pool, vips);
    try (Instance instance = open()) {
      PoolCommand.requirePool(instance, pool);
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

package io.synlev.magctl;

import io.synlev.state.Instance;
import io.synlev.state.Service;
import java.util.List;
import picocli.CommandLine.Command;

/** Lists the services. */
@Command(name = "list", description = "List the services.")
final class ServiceListCommand extends ServiceCommand {
  ServiceListCommand(Context context) {
    super(context);
  }

  @Override
  boolean setWords(List<String> words) {
    return words.isEmpty();
  }

  @Override
  int call() {
    try (Instance instance = open()) {
      List<Service> services = instance.configuration().services();
      if (json) {
        printJson(Json.object("services", ShowJson.services(services)));
      } else if (services.isEmpty()) {
        println("no services: 'magctl service add' adds one");
      } else {
        console().print(ServiceText.table(services));
      }
    }
    return Magctl.DONE;
  }
}

package io.synlev.magctl;

import io.synlev.state.Instance;
import io.synlev.state.Service;
import io.synlev.state.StateException;
import java.util.ArrayList;
import java.util.List;

/** A command about services. */
abstract class ServiceCommand extends InstanceCommand {
  ServiceCommand(Context context) {
    super(context);
  }

  /**
   * Checks that there is a service.
   *
   * @throws StateException if not; the message says which is meant
   */
  static Service require(List<Service> services, String name) {
    List<String> known = new ArrayList<>();
    for (Service service : services) {
      if (service.name().equals(name)) {
        return service;
      }
      known.add(service.name());
    }
    String hint = Suggestions.didYouMean(name, known);
    throw new StateException(
        "there is no service '"
            + name
            + "'"
            + (hint.isEmpty() ? ": 'magctl service list' lists them" : hint));
  }

  /**
   * Asks the daemon to take the change over, and prints what was done.
   *
   * @return the exit code
   */
  final int report(Instance instance, String verb, List<Service> services) {
    Confirmation confirmation = Confirmation.ask(instance);
    if (json) {
      printJson(Json.object(verb, ShowJson.services(services), "daemon", confirmation.json()));
      return confirmation.exitCode(console());
    }
    for (Service service : services) {
      println("service " + service.name() + " is " + verb + ": " + ServiceText.of(service));
    }
    console().print(confirmation.text());
    return confirmation.exitCode(console());
  }
}

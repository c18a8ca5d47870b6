package io.synlev.magctl;

import io.synlev.state.Instance;
import io.synlev.state.Service;
import io.synlev.steering.ServiceAudit;
import io.synlev.steering.ServiceAudit.Finding;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;

/** Finds services that get nothing, or share packets that nobody decided about. */
@Command(
    name = "check",
    description = {
      "Find services that get no packets because others come first, and services of equal priority"
          + " that share packets.",
      "Works on ranges and bits, not on samples. The exit code is 1 if there are any."
    })
final class ServiceCheckCommand extends ServiceCommand {
  ServiceCheckCommand(Context context) {
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
      List<Finding> findings = ServiceAudit.of(services);
      if (json) {
        printJson(Json.object("services", services.size(), "findings", objects(findings)));
      } else if (findings.isEmpty()) {
        println(Text.plural(services.size(), "service") + ": nothing is hidden or undecided");
      } else {
        for (Finding finding : findings) {
          console().print(explain(finding, services));
        }
      }
      return findings.isEmpty() ? Magctl.DONE : Magctl.FAILED;
    }
  }

  private static List<Object> objects(List<Finding> findings) {
    List<Object> objects = new ArrayList<>();
    for (Finding finding : findings) {
      objects.add(
          Json.object(
              "kind", finding.kind().name().toLowerCase(Locale.ROOT).replace('_', '-'),
              "service", finding.service(),
              "others", finding.others(),
              "where", finding.where()));
    }
    return objects;
  }

  private static String explain(Finding finding, List<Service> services) {
    String name = finding.service();
    String others = String.join(", ", finding.others());
    int most = Service.MIN_PRIORITY;
    for (Service service : services) {
      if (finding.others().contains(service.name())) {
        most = Math.max(most, service.priority());
      }
    }
    String raise =
        most == Service.MAX_PRIORITY
            ? "lower the others' priority"
            : "raise its priority ('magctl service set "
                + name
                + " --priority "
                + (most + 1)
                + "')";
    return switch (finding.kind()) {
      case SHADOWED ->
          report(
              "service " + name + " never gets a packet",
              "all that it is for goes to " + others + " first (" + finding.where() + ")",
              raise + ", or remove it ('magctl service remove " + name + "')");
      case PARTLY_SHADOWED ->
          report(
              "service " + name + " never gets " + finding.where(),
              "these packets go to " + others + " first",
              raise + ", or take that out of the service");
      case OVERLAP ->
          report(
              "services " + name + " and " + others + " share packets",
              "they have the same priority, and both are for "
                  + finding.where()
                  + ": it goes to "
                  + others,
              "if " + name + " shall get these, " + raise + "; otherwise lower it");
      case UNDECIDED ->
          report(
              "service " + name + " could not be checked to the end",
              "its ranges and those before it cut each other into too many pieces",
              "use fewer ranges, or name larger ones");
    };
  }

  private static String report(String what, String why, String fix) {
    return what + "\n  Why: " + why + "\n  Fix: " + fix + "\n";
  }
}

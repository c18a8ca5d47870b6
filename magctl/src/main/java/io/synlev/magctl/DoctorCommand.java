package io.synlev.magctl;

import io.synlev.magctl.doctor.Doctor;
import io.synlev.magctl.doctor.Facts;
import io.synlev.magctl.doctor.Finding;
import io.synlev.magctl.doctor.Severity;
import io.synlev.magctl.doctor.check.Checks;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Looks for what keeps packets from their backends. */
@Command(
    name = "doctor",
    description = {
      "Look for what keeps packets from their backends: state, lbd, rules, queues, sysctls,"
          + " routes, neighbours, conntrack. Each finding says why it matters, how to mend it, and"
          + " which page tells more.",
      "Changes nothing. Sees most as root, in the network namespace where lbd runs."
    },
    footer = {
      "",
      "Examples:",
      "  magctl doctor                           what is wrong",
      "  magctl doctor --all                     what is fine, too",
      "  magctl doctor --backend-netns s1 s2     look into backends that live here",
      "  magctl doctor --json | jq '.findings[] | select(.severity == \"failure\")'",
      "",
      "Exit codes: 0 no failure, 1 failures, 2 wrong usage. docs/doctor.md lists the",
      "checks; 'magctl why-not VIP:PORT' sends a packet and watches it."
    })
final class DoctorCommand extends InstanceCommand {
  @Option(
      names = "--all",
      description = "Show what is fine, too, and look at what is not in use here.")
  private boolean all;

  @Option(
      names = "--backend-netns",
      paramLabel = "NAME",
      arity = "1..*",
      description = "Network namespaces of this host in which backends live (ip netns list).")
  private List<String> namespaces = List.of();

  DoctorCommand(Context context) {
    super(context);
  }

  @Override
  boolean setFlag(String option) {
    if (option.equals("--all") && !all) {
      all = true;
      return true;
    }
    return super.setFlag(option);
  }

  @Override
  boolean setWords(List<String> words) {
    return words.isEmpty();
  }

  @Override
  int call() {
    Facts facts = HostFacts.gather(context, directory(), namespaces);
    String instance = facts.state().directory().instance();
    List<Finding> findings = Doctor.examine(Checks.all(), facts, all);
    if (json) {
      printJson(FindingText.json(instance, findings, all));
    } else {
      console().print(FindingText.text(findings, all, console().colours()));
      console().print(FindingText.summary(instance, findings));
    }
    return FindingText.count(findings, Severity.FAILURE) == 0 ? Magctl.DONE : Magctl.FAILED;
  }
}

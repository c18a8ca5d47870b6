package io.synlev.magctl;

import io.synlev.magctl.doctor.Facts;
import io.synlev.magctl.doctor.Host;
import io.synlev.magctl.doctor.Programs;
import io.synlev.state.Instance;
import io.synlev.state.StateDirectory;
import java.util.List;

/** Gathers the facts about this host. */
final class HostFacts {
  /** Where lbrules is; the launcher says so. Otherwise it is looked for in PATH. */
  private static final String RULES_VARIABLE = "SYNLEV_RULES";

  private HostFacts() {}

  static Facts gather(Context context, StateDirectory directory, List<String> namespaces) {
    return Facts.gather(
        Host.here(),
        Programs.here(context.environment()),
        directory,
        context.choose(null, RULES_VARIABLE, "lbrules"),
        () -> plain(directory),
        namespaces);
  }

  /** What lbrules would ask magctl for, in a process of its own. */
  private static String plain(StateDirectory directory) {
    try (Instance instance = Instance.open(directory)) {
      return ShowPlain.of(InstanceView.of(instance, List.of()));
    }
  }
}

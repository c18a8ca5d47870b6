package io.synlev.lbd;

import io.synlev.state.StateDirectory;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;

/** Which instance is served. */
final class InstanceTopic extends OptionTopic {

  InstanceTopic(CommandSpec spec) {
    super(spec);
    addText(
        "--instance",
        "NAME",
        "The instance (SYNLEV_INSTANCE, or '" + StateDirectory.DEFAULT_INSTANCE + "').");
    addText(
        "--state-dir",
        "DIR",
        "Where instances live (SYNLEV_STATE_DIR, or " + StateDirectory.DEFAULT_BASE + ").");
  }

  /**
   * The instance asked for: by option, else by the environment, else the usual one.
   *
   * @param environment where SYNLEV_INSTANCE and SYNLEV_STATE_DIR are looked up
   * @throws io.synlev.state.StateException if the instance's name is no name
   */
  StateDirectory directory(Map<String, String> environment) {
    return new StateDirectory(
        Path.of(
            chosen(
                "--state-dir", environment.get("SYNLEV_STATE_DIR"), StateDirectory.DEFAULT_BASE)),
        chosen("--instance", environment.get("SYNLEV_INSTANCE"), StateDirectory.DEFAULT_INSTANCE));
  }

  private String chosen(String option, String fromEnvironment, String usual) {
    String given = value(option);
    if (given != null) {
      return given;
    }
    return fromEnvironment == null || fromEnvironment.isEmpty() ? usual : fromEnvironment;
  }
}

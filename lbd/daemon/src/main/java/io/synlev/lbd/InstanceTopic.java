package io.synlev.lbd;

import io.synlev.state.StateDirectory;
import io.synlev.state.StateException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
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
   * The instance asked for: by option, else by the environment, else by the configuration file,
   * else the usual one.
   *
   * @param environment where SYNLEV_INSTANCE and SYNLEV_STATE_DIR are looked up
   * @param configured the instance that a configuration file is for, if it says so
   * @throws StateException if the instance's name is no name, or another than the file's
   */
  StateDirectory directory(Map<String, String> environment, Optional<String> configured) {
    String usual = configured.orElse(StateDirectory.DEFAULT_INSTANCE);
    String name = chosen("--instance", environment.get("SYNLEV_INSTANCE"), usual);
    if (configured.isPresent() && !name.equals(usual)) {
      throw new StateException(
          "the configuration file is for instance '%s', and '%s' is to be served: change one"
              .formatted(usual, name));
    }
    return new StateDirectory(
        Path.of(
            chosen(
                "--state-dir", environment.get("SYNLEV_STATE_DIR"), StateDirectory.DEFAULT_BASE)),
        name);
  }

  private String chosen(String option, String fromEnvironment, String usual) {
    String given = value(option);
    if (given != null) {
      return given;
    }
    return fromEnvironment == null || fromEnvironment.isEmpty() ? usual : fromEnvironment;
  }
}

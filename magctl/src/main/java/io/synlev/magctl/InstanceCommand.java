package io.synlev.magctl;

import io.synlev.state.Instance;
import io.synlev.state.StateDirectory;
import io.synlev.state.StateException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** A command about one instance. */
abstract class InstanceCommand extends BaseCommand {
  static final String INSTANCE_VARIABLE = "SYNLEV_INSTANCE";
  static final String STATE_DIR_VARIABLE = "SYNLEV_STATE_DIR";

  @Option(
      names = "--instance",
      paramLabel = "NAME",
      description = "The balancer's name (SYNLEV_INSTANCE; \"default\").")
  private String instance;

  @Option(
      names = "--state-dir",
      paramLabel = "DIR",
      description = "Where instances live (SYNLEV_STATE_DIR; /dev/shm/synlev).")
  private String stateDir;

  @Option(names = "--json", description = "Print JSON.")
  boolean json;

  InstanceCommand(Context context) {
    super(context);
  }

  @Override
  boolean setFlag(String option) {
    if (option.equals("--json") && !json) {
      json = true;
      return true;
    }
    return false;
  }

  @Override
  boolean setValue(String option, String value) {
    if (option.equals("--instance") && instance == null) {
      instance = value;
      return true;
    }
    if (option.equals("--state-dir") && stateDir == null) {
      stateDir = value;
      return true;
    }
    return false;
  }

  final StateDirectory directory() {
    Path base = Path.of(context.choose(stateDir, STATE_DIR_VARIABLE, StateDirectory.DEFAULT_BASE));
    String name = context.choose(instance, INSTANCE_VARIABLE, StateDirectory.DEFAULT_INSTANCE);
    return new StateDirectory(base, name);
  }

  /**
   * Where the instance lives that a file is for.
   *
   * @param named the name that the file says, if it does
   * @throws StateException if somebody who starts us says another
   */
  final StateDirectory directory(Optional<String> named) {
    String asked = context.choose(instance, INSTANCE_VARIABLE, null);
    if (named.isEmpty() || named.get().equals(asked)) {
      return directory();
    }
    if (asked != null) {
      throw new StateException(
          "the file is for instance '"
              + named.get()
              + "', and "
              + (instance != null ? "--instance" : INSTANCE_VARIABLE)
              + " says '"
              + asked
              + "': change one of them");
    }
    return new StateDirectory(directory().base(), named.get());
  }

  /**
   * Attaches to the instance.
   *
   * @throws StateException if there is none; the message says which exist
   */
  final Instance open() {
    StateDirectory directory = directory();
    requireExists(directory);
    return Instance.open(directory);
  }

  static void requireExists(StateDirectory directory) {
    if (directory.exists()) {
      return;
    }
    List<String> others = new ArrayList<>();
    for (StateDirectory other : StateDirectory.all(directory.base())) {
      others.add(other.instance());
    }
    String missing = "there is no instance '" + directory.instance() + "' in " + directory.base();
    if (others.isEmpty()) {
      throw new StateException(missing + ", nor any other: 'magctl create' makes one");
    }
    throw new StateException(
        missing
            + Suggestions.didYouMean(directory.instance(), others)
            + "\nThere "
            + (others.size() == 1 ? "is " : "are ")
            + String.join(", ", others)
            + ": name one with --instance or SYNLEV_INSTANCE, or make this one with 'magctl"
            + " create'.");
  }

  /** Prints an object. */
  final void printJson(Map<String, Object> object) {
    console().println(Json.write(object));
  }
}

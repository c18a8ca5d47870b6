package io.synlev.magctl;

import io.synlev.state.Configuration;
import io.synlev.state.Configuration.PoolFile;
import io.synlev.state.Instance;
import io.synlev.state.StateException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** A command about one pool. */
abstract class PoolCommand extends InstanceCommand {
  /** The pool when none is named. */
  static final String DEFAULT_POOL = "default";

  @Option(names = "--pool", paramLabel = "NAME", description = "The pool (\"default\").")
  String pool = DEFAULT_POOL;

  PoolCommand(Context context) {
    super(context);
  }

  @Override
  boolean setValue(String option, String value) {
    if (option.equals("--pool") && pool.equals(DEFAULT_POOL)) {
      pool = value;
      return true;
    }
    return super.setValue(option, value);
  }

  /**
   * Checks that an instance has a pool.
   *
   * @throws StateException if not; the message says which is meant
   */
  static void requirePool(Instance instance, String name) {
    List<String> known = poolNames(instance.configuration());
    if (known.contains(name)) {
      return;
    }
    String missing =
        "there is no pool '" + name + "' in instance '" + instance.directory().instance() + "'";
    if (known.isEmpty()) {
      throw new StateException(missing + ", nor any other: 'magctl create' makes one");
    }
    throw new StateException(
        missing
            + Suggestions.didYouMean(name, known)
            + "\nThere "
            + (known.size() == 1 ? "is " : "are ")
            + String.join(", ", known)
            + ": name one with --pool.");
  }

  static List<String> poolNames(Configuration configuration) {
    List<String> names = new ArrayList<>();
    for (PoolFile file : configuration.pools()) {
      names.add(file.name());
    }
    return names;
  }
}

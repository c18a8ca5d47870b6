package io.synlev.lbd;

import io.synlev.config.Application;
import io.synlev.config.ConfigException;
import io.synlev.config.ConfigFile;
import io.synlev.config.DaemonOption;
import io.synlev.config.Difference;
import io.synlev.config.Problem;
import io.synlev.state.Instance;
import io.synlev.state.Replacement;
import io.synlev.state.StateDirectory;
import io.synlev.state.StateException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.ParameterException;

/** A daemon that is run by a configuration file: read at the start, and again at each SIGHUP. */
final class Configured {
  private static final Logger LOG = System.getLogger(Configured.class.getName());

  private final Path path;
  private final ConfigFile first;
  private final HangUp hangUp = new HangUp();
  private StateDirectory directory;
  private boolean isDue;

  private Configured(Path path, ConfigFile first) {
    this.path = path;
    this.first = first;
  }

  /**
   * Reads the file.
   *
   * @throws StateException if it cannot be read at all; what is wrong in it, {@link #apply} tells
   */
  static Configured read(String file) {
    Path path = Path.of(file);
    return new Configured(path, ConfigFile.read(path));
  }

  /** Which instance the file is for, if it says so. */
  Optional<String> instance() {
    return first.instance();
  }

  /**
   * The command line with the options that the file gives; what was given there goes first.
   *
   * @throws ParameterException if lbd has no such value; the message names the line
   */
  String[] arguments(String[] given, LbdOptions options) {
    List<String> all = new ArrayList<>();
    for (DaemonOption each : first.options()) {
      if (options.isGiven(each.name())) {
        continue;
      }
      List<String> words = words(each.name(), each.value());
      try {
        LbdOptions.parse(words.toArray(String[]::new));
      } catch (ParameterException e) {
        Problem problem = first.at(each.field(), e.getMessage());
        throw new ParameterException(e.getCommandLine(), problem.in(path.toString()), e);
      }
      all.addAll(words);
    }
    all.addAll(List.of(given));
    return all.toArray(String[]::new);
  }

  /** Of what is on or off the command line has only the one. */
  private static List<String> words(String option, String value) {
    return switch (value) {
      case "true" -> List.of(option);
      case "false" -> List.of();
      default -> List.of(option, value);
    };
  }

  /**
   * Checks the file against the instance and changes nothing.
   *
   * @throws ConfigException that tells all that is wrong with the file
   */
  void check(StateDirectory of) {
    new Application(first, of).compute();
  }

  /**
   * Makes the instance what the file says.
   *
   * @throws ConfigException that tells all that is wrong with the file
   * @throws StateException if it cannot be done, or another daemon serves the instance
   */
  void apply(StateDirectory of) {
    directory = of;
    if (directory.exists()) {
      refuseIfServed();
    }
    apply(first);
  }

  /**
   * As {@link #apply} where nobody serves the instance. Otherwise the file is checked, and applied
   * when we have taken over: by {@link #reloadWith}.
   *
   * @throws ConfigException that tells all that is wrong with the file
   */
  void applyOrCheck(StateDirectory of) {
    isDue = isServed(of);
    if (isDue) {
      directory = of;
      check(of);
    } else {
      apply(of);
    }
  }

  private static boolean isServed(StateDirectory directory) {
    if (!directory.exists()) {
      return false;
    }
    try (Instance instance = Instance.open(directory)) {
      return instance.daemon().isAlive();
    }
  }

  /** A start that will be refused anyway must not change what another daemon serves. */
  private void refuseIfServed() {
    try (Instance instance = Instance.open(directory)) {
      if (instance.daemon().isAlive()) {
        throw new StateException(
            "instance '%s' is served by lbd with pid %d already: send that one SIGHUP, or use"
                    .formatted(directory.instance(), instance.daemon().pid())
                + " 'magctl apply'");
      }
    }
  }

  private void apply(ConfigFile file) {
    Application application = new Application(file, directory);
    application.run(Replacement.Progress.NONE);
    for (Problem warning : file.warnings(application.before(), application.wanted())) {
      LOG.log(Level.WARNING, warning.in(path.toString()));
    }
    Difference difference = application.difference();
    LOG.log(
        Level.INFO,
        difference.isEmpty()
            ? "the instance is as " + path + " says"
            : path
                + " is applied: %d added, %d changed, %d removed"
                    .formatted(
                        difference.count(Difference.Kind.ADD),
                        difference.count(Difference.Kind.CHANGE),
                        difference.count(Difference.Kind.REMOVE)));
  }

  /** From now on SIGHUP does not end the process; what comes early is served later. */
  void onHangUp() {
    hangUp.listen();
  }

  /** Serves SIGHUP on a thread of its own, for the life of the process. */
  void reloadWith(ConfigurationWatcher watcher) {
    Thread.ofPlatform().name("reload").daemon().start(() -> serve(watcher));
  }

  private void serve(ConfigurationWatcher watcher) {
    try {
      if (isDue) {
        reload(watcher);
      }
      while (true) {
        hangUp.await();
        reload(watcher);
      }
    } catch (InterruptedException end) {
      Thread.currentThread().interrupt();
    }
  }

  private void reload(ConfigurationWatcher watcher) throws InterruptedException {
    try {
      ConfigFile file = ConfigFile.read(path);
      if (!file.instance().orElse(directory.instance()).equals(directory.instance())) {
        throw new StateException(
            "it is for instance '%s', and '%s' is served"
                .formatted(file.instance().get(), directory.instance()));
      }
      apply(file);
      if (!file.options().equals(first.options())) {
        LOG.log(
            Level.WARNING,
            "lbd's options in " + path + " have changed: they take effect at its next start");
      }
      watcher.sync();
    } catch (ConfigException e) {
      for (Problem problem : e.problems()) {
        LOG.log(Level.ERROR, problem.in(path.toString()));
      }
      LOG.log(Level.ERROR, path + " is not applied, the former configuration stays");
    } catch (PausedException e) {
      LOG.log(Level.INFO, path + " is applied, for the lbd that is taking over");
    } catch (StateException e) {
      LOG.log(
          Level.ERROR, path + " is not applied, the former configuration stays: " + e.getMessage());
    } catch (OutOfMemoryError e) {
      // Published or not as a whole all the same; queue threads allocate nothing.
      LOG.log(
          Level.ERROR,
          path + " is too large for our heap: start lbd with a larger one, such as -Xmx64m");
    } catch (RuntimeException e) {
      // The thread must live on for the next signal.
      LOG.log(Level.ERROR, "reloading failed, this is a defect, please report it: " + e, e);
    }
  }
}

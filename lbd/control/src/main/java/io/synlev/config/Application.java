package io.synlev.config;

import io.synlev.hash.Seed;
import io.synlev.state.Contents;
import io.synlev.state.Instance;
import io.synlev.state.InstanceSettings;
import io.synlev.state.Replacement;
import io.synlev.state.StateDirectory;
import io.synlev.state.StateException;

/**
 * Compares an instance with a file, and makes it what the file says: all or nothing. For one
 * thread, and to be used once.
 */
public final class Application {
  private final ConfigFile file;
  private final StateDirectory directory;

  private Contents before = Contents.EMPTY;
  private Contents wanted;
  private boolean created;

  /** Nothing is done yet. */
  public Application(ConfigFile file, StateDirectory directory) {
    this.file = file;
    this.directory = directory;
  }

  /**
   * Compares and changes nothing.
   *
   * @throws io.synlev.config.ConfigException that tells all that is wrong with the file
   */
  public void compute() {
    if (directory.exists()) {
      try (Instance instance = Instance.open(directory)) {
        before = instance.contents();
        wanted = file.contents(before, instance.settings());
      }
    } else {
      wanted = file.contents(before, file.settings(Seed.random()));
    }
  }

  /**
   * Makes the instance what the file says, and the instance itself if there is none.
   *
   * @throws io.synlev.config.ConfigException that tells all that is wrong with the file; nothing is
   *     changed then
   * @throws StateException if it cannot be done; nothing is changed then
   */
  public void run(Replacement.Progress progress) {
    try (Instance instance = openOrCreate()) {
      try {
        instance.replace(
            inForce -> {
              // Under the lock: what is compared is what is replaced.
              before = inForce;
              wanted = file.contents(inForce, instance.settings());
              return wanted;
            },
            progress);
        file.group().ifPresent(directory::setGroup);
      } catch (RuntimeException e) {
        if (created) {
          Instance.delete(directory);
        }
        throw e;
      }
    }
  }

  private Instance openOrCreate() {
    if (!directory.exists()) {
      InstanceSettings settings = file.settings(Seed.random());
      // A file that cannot be used makes no instance.
      file.contents(Contents.EMPTY, settings);
      try {
        Instance instance = Instance.create(directory, settings);
        created = true;
        return instance;
      } catch (StateException e) {
        // Another creator may have been faster; then its instance is ours too.
        if (!directory.exists()) {
          throw e;
        }
      }
    }
    return Instance.open(directory);
  }

  /** Where the instance lives. */
  public StateDirectory directory() {
    return directory;
  }

  /** What was in force. */
  public Contents before() {
    return before;
  }

  /** What the file says. */
  public Contents wanted() {
    return wanted;
  }

  /** What turns {@link #before} into {@link #wanted}. */
  public Difference difference() {
    return Difference.between(before, wanted);
  }

  /** Whether {@link #run} made the instance. */
  public boolean created() {
    return created;
  }

  /** Whether anything is new. */
  public boolean changed() {
    return created || !before.equals(wanted);
  }
}

package io.synlev.jmh;

import io.synlev.hash.Seed;
import io.synlev.maglev.TableSize;
import io.synlev.state.Backend;
import io.synlev.state.HashOn;
import io.synlev.state.Instance;
import io.synlev.state.InstanceSettings;
import io.synlev.state.Policy;
import io.synlev.state.PoolSettings;
import io.synlev.state.StateDirectory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** An instance of its own in shared memory with one pool of the default size. */
final class Pools {
  static final String NAME = "default";

  private Pools() {}

  static Instance create(int backends) {
    Path base = Path.of("/dev/shm/synlev-jmh-" + ProcessHandle.current().pid());
    Instance instance =
        Instance.create(
            new StateDirectory(base, "jmh"), new InstanceSettings(new Seed(1, 2), 0xffff));
    List<Backend> all = new ArrayList<>();
    for (int mark = 1; mark <= backends; mark++) {
      all.add(Backend.of("backend-" + mark, mark));
    }
    instance.createPool(
        new PoolSettings(NAME, TableSize.DEFAULT, backends, Policy.MAGLEV, HashOn.TUPLE, 0), all);
    return instance;
  }

  static void delete(Instance instance) {
    StateDirectory directory = instance.directory();
    instance.close();
    Instance.delete(directory);
    if (!directory.base().toFile().delete()) {
      throw new IllegalStateException(directory.base() + " is still there");
    }
  }
}

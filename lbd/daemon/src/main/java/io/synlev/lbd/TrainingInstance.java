package io.synlev.lbd;

import io.synlev.hash.Seed;
import io.synlev.state.Backend;
import io.synlev.state.HashOn;
import io.synlev.state.Instance;
import io.synlev.state.InstanceSettings;
import io.synlev.state.Policy;
import io.synlev.state.PoolSettings;
import io.synlev.state.Prefix;
import io.synlev.state.Service;
import io.synlev.state.StateDirectory;
import java.nio.file.Path;
import java.util.List;

/** Creates the small instance that {@link Training} serves; arguments are base and name. */
public final class TrainingInstance {
  private TrainingInstance() {}

  /** Creates it. */
  public static void main(String[] args) {
    StateDirectory directory = new StateDirectory(Path.of(args[0]), args[1]);
    Instance instance =
        Instance.create(
            directory, new InstanceSettings(Seed.random(), InstanceSettings.DEFAULT_MARK_MASK));
    instance.createPool(
        new PoolSettings(
            "default", 997, PoolSettings.DEFAULT_CAPACITY, Policy.MAGLEV, HashOn.TUPLE, 0),
        List.of(Backend.of("1", 1), Backend.of("2", 2)));
    List<Prefix> vips = List.of(Prefix.parse("10.0.0.0/32"), Prefix.parse("1000::/128"));
    instance.updateServices(none -> List.of(new Service("default", "default", vips)));
    instance.close();
  }
}

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
import java.util.ArrayList;
import java.util.List;

/**
 * A small instance for daemons to serve: pool and service {@code web}, the VIP 10.0.0.1.
 *
 * @param directory where it is
 * @param instance open for looking and changing
 */
record TestInstance(StateDirectory directory, Instance instance) implements AutoCloseable {

  static TestInstance create(Path base, String name) {
    StateDirectory directory = new StateDirectory(base, name);
    Instance instance = Instance.create(directory, new InstanceSettings(new Seed(1, 2), 0xffff));
    instance.createPool(
        new PoolSettings("web", 97, 10, Policy.MAGLEV, HashOn.TUPLE, 0),
        List.of(Backend.of("a", 1), Backend.of("b", 2)));
    instance.updateServices(
        none -> List.of(new Service("web", "web", List.of(Prefix.parse("10.0.0.1/32")))));
    return new TestInstance(directory, instance);
  }

  /** A command line of lbd. */
  List<String> arguments(String... more) {
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of("--state-dir", directory.base().toString()));
    arguments.addAll(List.of("--instance", directory.instance()));
    arguments.addAll(List.of(more));
    return arguments;
  }

  @Override
  public void close() {
    instance.close();
  }
}

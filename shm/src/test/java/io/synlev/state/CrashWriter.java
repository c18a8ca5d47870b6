package io.synlev.state;

import java.nio.file.Path;

/** Publishes generations of {@link Stamps} as fast as it can, until it is killed. */
final class CrashWriter {
  /** One change in so many is one of the services. */
  private static final int SERVICES_EVERY = 16;

  private CrashWriter() {}

  /** Arguments: base directory and instance. */
  public static void main(String[] args) throws Exception {
    try (Instance instance = Instance.open(new StateDirectory(Path.of(args[0]), args[1]))) {
      PoolCursor cursor = instance.pool(Stamps.POOL).cursor(0);
      System.out.println("ready");
      System.in.read();
      ChildJvm.endWithParent();
      publish(instance, cursor);
      System.out.println("published");
      for (int n = 1; ; n++) {
        publish(instance, cursor);
        if (n % SERVICES_EVERY == 0) {
          instance.updateServices(
              before -> Stamps.services(instance.configurationGeneration() + 1));
        }
      }
    }
  }

  private static void publish(Instance instance, PoolCursor cursor) {
    instance.updatePool(
        Stamps.POOL,
        before -> {
          // The lock is held: nobody else publishes the next generation.
          cursor.refresh(instance.epoch());
          return Stamps.backends(cursor.generation() + 1);
        });
  }
}

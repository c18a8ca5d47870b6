package io.synlev.lbd;

import io.synlev.health.HealthChecks;
import io.synlev.state.Instance;

/** What a daemon does beside deciding about packets: it watches, checks, and ends drains. */
final class BesideWorkers {
  private final Instance instance;
  private final FlowsInForce flows;
  private final HealthChecks health;
  private final ConfigurationWatcher watcher;
  private volatile Drains drains;
  private boolean isStopped;

  /** Starts nothing yet. */
  BesideWorkers(DatapathInForce inForce) {
    instance = inForce.instance();
    flows = inForce.flows();
    health = new HealthChecks(instance);
    watcher =
        new ConfigurationWatcher(instance, inForce.views(), inForce::admit, inForce::lookAround);
  }

  /** From now on changes are taken when the watcher syncs; before its start. */
  void follow() {
    watcher.onSync(this::takeChanges);
  }

  private void takeChanges() {
    flows.refresh();
    health.refresh();
  }

  /** Starts what only the daemon that serves does. */
  void start() {
    watcher.start();
    drains = new Drains(instance, flows.carried());
    drains.start();
  }

  /** Ends that, but for the watcher, which must not look meanwhile; may be called again. */
  synchronized void stop() {
    if (isStopped) {
      return;
    }
    isStopped = true;
    health.close();
    if (drains != null) {
      drains.close();
    }
  }

  ConfigurationWatcher watcher() {
    return watcher;
  }

  HealthChecks health() {
    return health;
  }

  /** Null before the start. */
  Drains drains() {
    return drains;
  }
}

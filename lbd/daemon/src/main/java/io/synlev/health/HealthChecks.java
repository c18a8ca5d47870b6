package io.synlev.health;

import io.synlev.ffi.NativeException;
import io.synlev.netlink.RouteWatch;
import io.synlev.netlink.RouteWatch.Topic;
import io.synlev.state.HealthCheck;
import io.synlev.state.Instance;
import io.synlev.state.StateException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The health checks of an instance, as its configuration has them. As long as no pool has one there
 * is no thread and no socket.
 */
public final class HealthChecks implements AutoCloseable {
  private static final Logger LOG = System.getLogger(HealthChecks.class.getName());
  private static final long NEVER = -1;

  private final Instance instance;
  private final Counters counters = new Counters();
  private Map<String, HealthCheck> checks = Map.of();
  private long configurationSeen = NEVER;
  private long epochSeen = NEVER;
  private String lastFailure = "";
  private Planner planner;
  private RouteWatch watch;
  private volatile boolean haveRoutesChanged;
  private volatile Publisher publisher;
  private Checker checker;
  private boolean isClosed;

  /** Nothing is checked until {@link #refresh}. */
  public HealthChecks(Instance instance) {
    this.instance = instance;
  }

  /** Takes what was published since the last call. Always in one network namespace. */
  public synchronized void refresh() {
    long epoch = instance.epoch();
    boolean areRoutesNew = haveRoutesChanged;
    if (isClosed || epoch == epochSeen && !areRoutesNew) {
      return;
    }
    epochSeen = epoch;
    haveRoutesChanged = false;
    try {
      look(areRoutesNew);
      lastFailure = "";
    } catch (StateException | NativeException e) {
      if (!e.getMessage().equals(lastFailure)) {
        lastFailure = e.getMessage();
        LOG.log(Level.ERROR, "health checks stay as they were: " + lastFailure);
      }
    }
  }

  private void look(boolean areRoutesNew) throws NativeException {
    if (instance.configurationGeneration() != configurationSeen) {
      configurationSeen = instance.configurationGeneration();
      checks = instance.configuration().checks();
    }
    if (checks.isEmpty() && checker == null) {
      return;
    }
    if (checker == null) {
      start();
    }
    checker.follow(checks.isEmpty() ? Plan.EMPTY : planner.read(areRoutesNew));
  }

  private void start() throws NativeException {
    planner = planner == null ? new Planner(instance) : planner;
    watch =
        watch == null
            ? RouteWatch.start(Set.of(Topic.ROUTES, Topic.RULES, Topic.LINKS), new Routes())
            : watch;
    publisher = publisher == null ? Publisher.start(instance, counters) : publisher;
    checker = Checker.start(publisher, counters);
  }

  /** What is known of each pool that is checked, for people and programs. Any thread. */
  public List<Object> report() {
    Publisher running = publisher;
    return running == null ? List.of() : HealthReport.of(running.pools());
  }

  /** Pools of which no backend answers, and whose last in use are used still. Any thread. */
  public List<String> allDown() {
    Publisher running = publisher;
    return running == null
        ? List.of()
        : running.pools().stream()
            .filter(pool -> !pool.kept().isEmpty())
            .map(pool -> pool.name)
            .toList();
  }

  /** What was counted, by label. Any thread. */
  public Map<String, Long> counters() {
    return counters.byLabel();
  }

  /** Ends all checks for good: {@link #refresh} does nothing any more. */
  @Override
  public synchronized void close() {
    if (isClosed) {
      return;
    }
    isClosed = true;
    if (checker != null) {
      checker.close();
    }
    if (publisher != null) {
      publisher.close();
    }
    if (watch != null) {
      watch.close();
    }
    if (planner != null) {
      planner.close();
    }
  }

  /** Whether marks lead to backends depends on routes. */
  private final class Routes implements RouteWatch.Listener {
    @Override
    public void changed(Set<Topic> topics) {
      haveRoutesChanged = true;
    }

    @Override
    public void failed(Throwable cause) {
      LOG.log(Level.ERROR, "routes are not watched any more, restart lbd: " + cause, cause);
    }
  }
}

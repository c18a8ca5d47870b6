package io.synlev.health;

import io.synlev.health.Selection.Verdict;
import io.synlev.state.Backend;
import io.synlev.state.Configuration;
import io.synlev.state.Health;
import io.synlev.state.Instance;
import io.synlev.state.PoolSnapshot;
import io.synlev.state.StateException;
import io.synlev.threads.Threads;
import io.synlev.threads.Unexpected;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Publishes what checks find out, on a thread of its own: it may wait for other writers. All
 * backends of a pool that changed meanwhile are one generation, and between two rounds are at least
 * {@value #PAUSE_MILLIS} ms: the first of a thousand changes is published at once, the rest
 * together.
 */
final class Publisher implements AutoCloseable {
  private static final Logger LOG = System.getLogger(Publisher.class.getName());

  /** So long changes of one moment are collected. */
  private static final int COLLECT_MILLIS = 2;

  private static final int PAUSE_MILLIS = 40;

  /** Between two steps of slow starts. */
  private static final int STEP_MILLIS = 500;

  private static final int RETRY_MILLIS = 1_000;
  private static final int NEVER_MILLIS = 3_600_000;

  private final Instance instance;
  private final Counters counters;
  private final Semaphore bell = new Semaphore(0);
  private final Unexpected unexpected = new Unexpected(LOG, "publishing what health checks found");
  private final Thread thread;
  private volatile List<PoolChecks> pools = List.of();
  private volatile boolean isClosing;
  private String lastFailure = "";

  private Publisher(Instance instance, Counters counters) {
    this.instance = instance;
    this.counters = counters;
    this.thread = Thread.ofPlatform().name("health-publisher").daemon().unstarted(this::run);
  }

  /** Starts the thread. */
  static Publisher start(Instance instance, Counters counters) {
    Publisher publisher = new Publisher(instance, counters);
    publisher.thread.start();
    return publisher;
  }

  /** Says which pools are checked. */
  void look(List<PoolChecks> all) {
    pools = all;
    bell.release();
  }

  /** The pools that are checked. Any thread. */
  List<PoolChecks> pools() {
    return pools;
  }

  /** Says that a pool's verdicts have changed. Waits for nothing. */
  void changed(PoolChecks pool) {
    pool.isDirty = true;
    bell.release();
  }

  private void run() {
    int wait = NEVER_MILLIS;
    try {
      while (!isClosing) {
        if (bell.tryAcquire(wait, TimeUnit.MILLISECONDS)) {
          Thread.sleep(COLLECT_MILLIS);
          bell.drainPermits();
        }
        wait = round();
        Thread.sleep(PAUSE_MILLIS);
      }
    } catch (InterruptedException end) {
      Thread.currentThread().interrupt();
    }
  }

  /** Publishes what is new; returns after how many milliseconds there will be something again. */
  private int round() {
    int wait = NEVER_MILLIS;
    for (PoolChecks pool : pools) {
      if (pool.isDirty || pool.isRamping()) {
        wait = Math.min(wait, publish(pool));
      }
    }
    return wait;
  }

  private int publish(PoolChecks pool) {
    pool.isPublishing = true;
    pool.isDirty = false;
    long now = System.nanoTime();
    try {
      Map<String, Verdict> verdicts = pool.verdicts(now);
      PoolSnapshot snapshot = publish(pool, verdicts);
      lastFailure = "";
      if (snapshot != null) {
        pool.published = snapshot.generation();
      }
      endRamps(pool, verdicts);
      return pool.isRamping() ? STEP_MILLIS : NEVER_MILLIS;
    } catch (StateException e) {
      if (isGone(pool)) {
        return NEVER_MILLIS;
      }
      pool.isDirty = true;
      if (!e.getMessage().equals(lastFailure)) {
        lastFailure = e.getMessage();
        LOG.log(
            Level.ERROR, "health of pool " + pool.name + " cannot be published: " + lastFailure);
      }
      return RETRY_MILLIS;
    } catch (RuntimeException e) {
      pool.isDirty = true;
      unexpected.tell(e);
      return RETRY_MILLIS;
    } finally {
      pool.isPublishing = false;
    }
  }

  /** Whether it was deleted since we were told which are checked. */
  private boolean isGone(PoolChecks pool) {
    try {
      return instance.configuration().pool(pool.name).isEmpty();
    } catch (StateException e) {
      return false; // What is wrong is not the pool.
    }
  }

  /** Null if it is not checked any more. */
  private PoolSnapshot publish(PoolChecks pool, Map<String, Verdict> verdicts) {
    List<Backend> before = new ArrayList<>();
    Selection[] selection = new Selection[1];
    PoolSnapshot snapshot =
        instance.updatePool(
            pool.name,
            backends -> {
              // Under the lock: whoever ended the checks has made all backends up, and so they
              // stay.
              Configuration configuration = instance.configuration();
              if (configuration.check(pool.name).isEmpty()) {
                return backends;
              }
              before.addAll(backends);
              verdicts.keySet().removeAll(saidByOthers(pool, backends));
              selection[0] = Selection.of(backends, verdicts, pool.check.keepWhenAllDown());
              return selection[0].backends();
            });
    if (selection[0] == null) {
      return null;
    }
    if (!before.equals(selection[0].backends())) {
      counters.add(Counter.GENERATIONS);
    }
    tell(pool, before, selection[0]);
    remember(pool, selection[0]);
    return snapshot;
  }

  /** What people have said since the last look stays, until checks find out something new. */
  private static Set<String> saidByOthers(PoolChecks pool, List<Backend> backends) {
    Map<String, Target> targets = pool.byName();
    Set<String> names = new HashSet<>();
    for (Backend backend : backends) {
      Target target = targets.get(backend.name());
      if (target != null && target.isSaidByOthers(backend.health())) {
        target.said = backend.health();
        names.add(target.name);
      }
    }
    return names;
  }

  private static void remember(PoolChecks pool, Selection selection) {
    Map<String, Target> targets = pool.byName();
    for (Backend backend : selection.backends()) {
      Target target = targets.get(backend.name());
      if (target != null && target.said == null) {
        target.inForce = backend.health();
      }
    }
  }

  private static void tell(PoolChecks pool, List<Backend> before, Selection selection) {
    List<String> down = new ArrayList<>();
    List<String> up = new ArrayList<>();
    for (int i = 0; i < before.size(); i++) {
      Backend now = selection.backends().get(i);
      if (now.health() != before.get(i).health()) {
        (now.health() == Health.UP ? up : down).add(described(pool, now.name()));
      }
    }
    if (!down.isEmpty() || !up.isEmpty()) {
      LOG.log(
          down.isEmpty() ? Level.INFO : Level.WARNING,
          "pool " + pool.name + ":" + named(" down: ", down) + named(" up: ", up));
    }
    tellKept(pool, selection.kept());
  }

  private static void tellKept(PoolChecks pool, Set<String> kept) {
    boolean wasKeeping = !pool.kept().isEmpty();
    for (Target target : pool.targets) {
      target.isKept = kept.contains(target.name);
    }
    if (!kept.isEmpty() && !wasKeeping) {
      LOG.log(
          Level.WARNING,
          "pool {0}: no backend answers any more; the last in use stay: {1}",
          pool.name,
          named("", List.copyOf(kept)));
    } else if (kept.isEmpty() && wasKeeping) {
      LOG.log(Level.INFO, "pool {0}: backends answer again", pool.name);
    }
  }

  private static String described(PoolChecks pool, String name) {
    for (Target target : pool.targets) {
      if (target.name.equals(name)) {
        return name + " (" + target.last.label() + ")";
      }
    }
    return name;
  }

  private static String named(String head, List<String> names) {
    int most = Math.min(5, names.size());
    return names.isEmpty()
        ? ""
        : head
            + String.join(", ", names.subList(0, most))
            + (names.size() > most ? " and " + (names.size() - most) + " more" : "");
  }

  private static void endRamps(PoolChecks pool, Map<String, Verdict> published) {
    for (Target target : pool.targets) {
      Verdict verdict = published.get(target.name);
      if (target.isRamping
          && verdict != null
          && verdict.health() == Health.UP
          && verdict.ramp() == Backend.WHOLE) {
        target.isRamping = false;
      }
    }
  }

  /** Ends; when it returns, nothing of the instance is changed here any more. */
  @Override
  public void close() {
    isClosing = true;
    bell.release();
    Threads.awaitEnd(thread);
  }
}

package io.synlev.health;

import io.synlev.health.Plan.PlannedBackend;
import io.synlev.health.Plan.PlannedPool;
import io.synlev.state.Backend;
import io.synlev.state.Health;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/** Who is checked, by the plan that is in force. The checks' thread. */
final class Roster {
  private static final long MILLI = 1_000_000;

  private final DueQueue queue;
  private final Jitter jitter;
  private final Publisher publisher;
  private final Consumer<Target> stop;
  private final List<Target> slots = new ArrayList<>();
  private final ArrayDeque<Integer> freeSlots = new ArrayDeque<>();
  private final Map<String, PoolChecks> pools = new HashMap<>();

  /**
   * One without anybody.
   *
   * @param queue where each stands until it is dropped
   * @param publisher is told of pools
   * @param stop ends a check that is under way, if one is
   */
  Roster(DueQueue queue, Jitter jitter, Publisher publisher, Consumer<Target> stop) {
    this.queue = queue;
    this.jitter = jitter;
    this.publisher = publisher;
    this.stop = stop;
  }

  /** Whoever has a slot; null if it is free. */
  Target at(int slot) {
    return slots.get(slot);
  }

  /** A pool of the plan in force. */
  PoolChecks pool(String name) {
    return pools.get(name);
  }

  /** Shows all. */
  void forEach(Consumer<Target> visitor) {
    slots.stream().filter(Objects::nonNull).forEach(visitor);
  }

  /**
   * Has a plan in force: those that it has, too, go on, others begin or end.
   *
   * @param now as {@link System#nanoTime}
   */
  void take(Plan plan, long now) {
    Map<String, PoolChecks> former = new HashMap<>(pools);
    pools.clear();
    for (PlannedPool planned : plan.pools()) {
      PoolChecks pool = former.remove(planned.name());
      if (pool == null) {
        pool = new PoolChecks(planned.name());
      }
      pools.put(planned.name(), pool);
      take(pool, planned, now);
    }
    for (PoolChecks gone : former.values()) {
      gone.targets.forEach(this::drop);
    }
    List<PoolChecks> all = List.copyOf(pools.values());
    publisher.look(all);
    for (PoolChecks pool : all) {
      if (!pool.kept().isEmpty()) {
        // Others may be there now, or it may not be wished any more.
        publisher.changed(pool);
      }
    }
  }

  private void take(PoolChecks pool, PlannedPool planned, long now) {
    Map<String, Target> former = pool.byName();
    pool.check = planned.check();
    // Ours is not news, and what is older than ours, or about to be, is none either.
    boolean isNews = planned.generation() > pool.published && !pool.isPending();
    List<Target> targets = new ArrayList<>();
    for (PlannedBackend backend : planned.backends()) {
      Target target = former.remove(backend.subject().backend());
      if (target == null) {
        target = make(backend, now);
      } else {
        if (!target.subject.equals(backend.subject())) {
          restart(target, backend.subject(), now);
        }
        Health known = target.isKept ? Health.UP : target.health;
        if (isNews && backend.health() != known) {
          target.adopt(backend.health());
        } else if (target.said != null) {
          target.adopt(target.said);
        }
      }
      targets.add(target);
    }
    former.values().forEach(this::drop);
    pool.targets = List.copyOf(targets);
  }

  private Target make(PlannedBackend backend, long now) {
    Target target = new Target(backend.subject().backend(), backend.health());
    target.subject = backend.subject();
    target.question = new Question(backend.subject());
    target.sinceMillis = System.currentTimeMillis();
    int slow = backend.subject().check().slowStartMillis();
    if (backend.ramp() < Backend.WHOLE) {
      // A daemon before us began it.
      target.isRamping = true;
      target.rampBegin = now - SlowStart.elapsedMillis(backend.ramp(), slow) * MILLI;
    }
    Integer slot = freeSlots.poll();
    target.slot = slot == null ? slots.size() : slot;
    if (slot == null) {
      slots.add(target);
    } else {
      slots.set(slot, target);
    }
    queue.set(target, Pace.first(now, target.subject.check().rhythm(), jitter.next()));
    return target;
  }

  /** It is asked otherwise from now on. */
  private void restart(Target target, Subject subject, long now) {
    stop.accept(target);
    boolean isAskedAlike = target.subject.check().equals(subject.check());
    target.subject = subject;
    target.question = new Question(subject);
    target.session = null;
    if (!isAskedAlike) {
      target.damping.adopt(target.health);
    }
    queue.set(target, Pace.first(now, subject.check().rhythm(), jitter.next()));
  }

  private void drop(Target target) {
    stop.accept(target);
    queue.remove(target);
    slots.set(target.slot, null);
    freeSlots.add(target.slot);
  }
}

package io.synlev.health;

import io.synlev.ffi.Epoll;
import io.synlev.ffi.NativeException;
import io.synlev.health.Plan.PlannedBackend;
import io.synlev.health.Plan.PlannedPool;
import io.synlev.state.Backend;
import io.synlev.state.Health;
import io.synlev.state.HealthCheck;
import io.synlev.state.HealthCheck.Kind;
import io.synlev.threads.Threads;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Makes all checks of all pools on one thread: begins those that are due, takes answers as they
 * come, ends those that take too long. It waits for nobody but the kernel's next event.
 *
 * <p>A check over TCP, UDP or ICMP allocates nothing.
 */
final class Checker implements AutoCloseable {
  private static final Logger LOG = System.getLogger(Checker.class.getName());
  private static final long MILLI = 1_000_000;
  private static final int EVENTS = 256;

  /**
   * Checks that are due within so long begin together: at a thousand a second the thread wakes 25
   * times and not a thousand, and as seldom takes the cache from whoever decides about packets.
   */
  private static final long TOGETHER_NANOS = 40 * MILLI;

  private static final int MOST_WAIT_MILLIS = 60_000;

  private final Arena arena = Arena.ofShared();
  private final Epoll epoll;
  private final Map<Kind, Probe> probes = new EnumMap<>(Kind.class);
  private final CommandProbe commands;
  private final DueQueue queue = new DueQueue();
  private final AtomicReference<Plan> next = new AtomicReference<>();
  private final Publisher publisher;
  private final Counters counters;
  private final Thread thread;

  private final List<Target> slots = new ArrayList<>();
  private final ArrayDeque<Integer> freeSlots = new ArrayDeque<>();
  private final Map<String, PoolChecks> pools = new HashMap<>();
  private volatile boolean isClosing;
  private int random = (int) System.nanoTime() | 1;

  private Checker(Epoll epoll, Publisher publisher, Counters counters) {
    this.epoll = epoll;
    this.publisher = publisher;
    this.counters = counters;
    Wire wire = new Wire(epoll, arena);
    this.commands = new CommandProbe(epoll::wake);
    HttpProbe http = new HttpProbe(wire);
    probes.put(Kind.TCP, new TcpProbe(wire));
    probes.put(Kind.HTTP, http);
    probes.put(Kind.HTTPS, http);
    probes.put(Kind.UDP, new UdpProbe(wire));
    probes.put(Kind.ICMP, new PingProbe(wire, arena));
    probes.put(Kind.COMMAND, commands);
    this.thread = Thread.ofPlatform().name("health").daemon().unstarted(this::run);
  }

  /**
   * Starts the thread, in the network namespace of the calling one.
   *
   * @param publisher is told of new verdicts
   */
  static Checker start(Publisher publisher, Counters counters) throws NativeException {
    Checker checker = new Checker(Epoll.open(EVENTS), publisher, counters);
    checker.thread.start();
    return checker;
  }

  /** Has it check what a plan says, soon. Any thread. */
  void follow(Plan plan) {
    next.set(plan);
    epoll.wake();
  }

  private void run() {
    try {
      loop();
    } catch (RuntimeException e) {
      LOG.log(Level.ERROR, "health checks have ended, this is a defect, please report it: " + e, e);
    }
    for (Target target : slots) {
      if (target != null) {
        stop(target);
      }
    }
    commands.close();
  }

  private void loop() {
    while (!isClosing) {
      Plan plan = next.getAndSet(null);
      if (plan != null) {
        take(plan, System.nanoTime());
      }
      beginDue(System.nanoTime());
      takeEvents(epoll.await(waitMillis(System.nanoTime())));
    }
  }

  private int waitMillis(long now) {
    Target first = queue.first();
    if (first == null) {
      return MOST_WAIT_MILLIS;
    }
    long nanos = first.due - now;
    return nanos <= 0 ? 0 : (int) Math.min(MOST_WAIT_MILLIS, Math.ceilDiv(nanos, MILLI));
  }

  private void beginDue(long now) {
    for (Target target = queue.first(); target != null; target = queue.first()) {
      long ahead = target.due - now;
      if (target.isAsked && ahead <= 0) {
        finish(target, Outcome.TIMEOUT, now);
      } else if (!target.isAsked && ahead <= together(target)) {
        begin(target);
      } else {
        return;
      }
    }
  }

  private static long together(Target target) {
    // Of short intervals no more than a twenty-fifth.
    return Math.min(TOGETHER_NANOS, target.subject.check().rhythm().intervalMillis() * MILLI / 25);
  }

  private void begin(Target target) {
    Subject subject = target.subject;
    long now = System.nanoTime();
    target.isAsked = true;
    target.flight++;
    target.begin = now;
    target.detail = 0;
    queue.set(target, now + subject.check().rhythm().timeoutMillis() * MILLI);
    counters.add(Counter.CHECKS);
    Outcome outcome =
        subject.problem() != null
            ? subject.problem()
            : probes.get(subject.check().kind()).begin(target);
    if (outcome != Outcome.PENDING) {
      finish(target, outcome, System.nanoTime());
    }
  }

  private void takeEvents(int count) {
    for (int i = 0; i < count; i++) {
      long tag = epoll.data(i);
      if (tag == Epoll.WAKE) {
        epoll.woken();
        takeCommands();
        continue;
      }
      // A check that ended meanwhile has closed its socket; its slot may be another's.
      Target target = slots.get((int) tag);
      if (target != null && target.isAsked && target.flight == (int) (tag >>> 32)) {
        Outcome outcome =
            probes.get(target.subject.check().kind()).ready(target, epoll.happened(i));
        if (outcome != Outcome.PENDING) {
          finish(target, outcome, System.nanoTime());
        }
      }
    }
  }

  private void takeCommands() {
    for (CommandProbe.Run run = commands.poll(); run != null; run = commands.poll()) {
      if (run.isAwaited()) {
        run.target.detail = run.exitCode;
        finish(run.target, run.outcome, System.nanoTime());
      }
    }
  }

  private void finish(Target target, Outcome outcome, long now) {
    HealthCheck check = target.subject.check();
    probes.get(check.kind()).end(target);
    target.isAsked = false;
    target.checks++;
    target.last = outcome;
    target.lastDetail = target.detail;
    target.lastMillis = System.currentTimeMillis();
    target.latencyMicros = outcome.isGood() ? (int) ((now - target.begin) / 1_000) : -1;
    if (outcome.counts()) {
      observe(target, outcome, check);
    } else {
      counters.add(Counter.UNCOUNTED);
    }
    queue.set(
        target, Pace.next(target.begin, now, check.rhythm(), target.failuresWhileDown, random()));
  }

  private void observe(Target target, Outcome outcome, HealthCheck check) {
    if (target.said != null) {
      adopt(target, target.said);
    }
    boolean isGood = outcome.isGood();
    counters.add(isGood ? Counter.GOOD : Counter.BAD);
    boolean isNew = target.damping.observe(isGood, check.rhythm().rise(), check.rhythm().fall());
    target.alike = target.damping.alike();
    boolean isDown = target.damping.health() == Health.DOWN;
    target.failuresWhileDown = isDown && !isGood && !isNew ? target.failuresWhileDown + 1 : 0;
    if (!isGood) {
      target.failures++;
    }
    if (isNew) {
      PoolChecks pool = pools.get(target.subject.pool());
      target.isRamping = !isDown && check.slowStartMillis() > 0;
      target.rampBegin = System.nanoTime();
      target.sinceMillis = target.lastMillis;
      counters.add(isDown ? Counter.WENT_DOWN : Counter.CAME_UP);
      target.health = target.damping.health();
      publisher.changed(pool);
    }
  }

  /** Xorshift; nothing here must be hard to guess. */
  private int random() {
    random ^= random << 13;
    random ^= random >>> 17;
    random ^= random << 5;
    return random;
  }

  private void take(Plan plan, long now) {
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
          adopt(target, backend.health());
        } else if (target.said != null) {
          adopt(target, target.said);
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
    queue.set(target, Pace.first(now, target.subject.check().rhythm(), random()));
    return target;
  }

  /** It is asked otherwise from now on. */
  private void restart(Target target, Subject subject, long now) {
    stop(target);
    boolean isAskedAlike = target.subject.check().equals(subject.check());
    target.subject = subject;
    target.question = new Question(subject);
    target.session = null;
    if (!isAskedAlike) {
      target.damping.adopt(target.health);
    }
    queue.set(target, Pace.first(now, subject.check().rhythm(), random()));
  }

  /** Somebody else has said what it is; checks go on from there. */
  private static void adopt(Target target, Health health) {
    target.damping.adopt(health);
    target.isRamping = false;
    target.isKept = false;
    target.failuresWhileDown = 0;
    target.sinceMillis = System.currentTimeMillis();
    target.health = health;
    target.inForce = health;
    target.said = null;
  }

  private void stop(Target target) {
    if (target.isAsked) {
      probes.get(target.subject.check().kind()).end(target);
      target.isAsked = false;
    }
  }

  private void drop(Target target) {
    stop(target);
    queue.remove(target);
    slots.set(target.slot, null);
    freeSlots.add(target.slot);
  }

  /** Ends all checks; when it returns, no socket of theirs is open and no command runs. */
  @Override
  public void close() {
    isClosing = true;
    epoll.wake();
    Threads.awaitEnd(thread);
    // Commands that end late wake us still: their descriptor ends with the process.
  }
}

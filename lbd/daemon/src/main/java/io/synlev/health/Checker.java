package io.synlev.health;

import io.synlev.ffi.Epoll;
import io.synlev.ffi.NativeException;
import io.synlev.state.Health;
import io.synlev.state.HealthCheck;
import io.synlev.state.HealthCheck.Kind;
import io.synlev.threads.Threads;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.util.EnumMap;
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

  private final Jitter jitter = new Jitter((int) System.nanoTime());
  private final Roster roster;
  private volatile boolean isClosing;

  private Checker(Epoll epoll, Publisher publisher, Counters counters) {
    this.epoll = epoll;
    this.publisher = publisher;
    this.counters = counters;
    this.roster = new Roster(queue, jitter, publisher, this::stop);
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
    roster.forEach(this::stop);
    commands.close();
  }

  private void loop() {
    while (!isClosing) {
      Plan plan = next.getAndSet(null);
      if (plan != null) {
        roster.take(plan, System.nanoTime());
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
      Target target = roster.at((int) tag);
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
        target,
        Pace.next(target.begin, now, check.rhythm(), target.failuresWhileDown, jitter.next()));
  }

  private void observe(Target target, Outcome outcome, HealthCheck check) {
    if (target.said != null) {
      target.adopt(target.said);
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
      PoolChecks pool = roster.pool(target.subject.pool());
      target.isRamping = !isDown && check.slowStartMillis() > 0;
      target.rampBegin = System.nanoTime();
      target.sinceMillis = target.lastMillis;
      counters.add(isDown ? Counter.WENT_DOWN : Counter.CAME_UP);
      target.health = target.damping.health();
      publisher.changed(pool);
    }
  }

  private void stop(Target target) {
    if (target.isAsked) {
      probes.get(target.subject.check().kind()).end(target);
      target.isAsked = false;
    }
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

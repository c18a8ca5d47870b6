package io.synlev.lbd;

import io.synlev.datapath.CarriedFlows;
import io.synlev.state.AdminState;
import io.synlev.state.Backend;
import io.synlev.state.Configuration.PoolFile;
import io.synlev.state.Instance;
import io.synlev.state.Pool;
import io.synlev.state.StateException;
import io.synlev.threads.Threads;
import io.synlev.threads.Unexpected;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Ends drains: makes a draining backend inactive when none of its flows is left or its time is up.
 *
 * <p>What drains stands in shared memory, so it neither matters who began a drain and whether that
 * process still lives, nor that another daemon has served meanwhile. Somebody who has changed the
 * backend since is not overruled: that is looked at under the writer's lock.
 */
final class Drains implements AutoCloseable {
  private static final Logger LOG = System.getLogger(Drains.class.getName());

  /** How soon a new drain is noticed. */
  private static final int LOOK_MILLIS = 100;

  /** From one count to the next; and how long before a count a flow was certainly decided. */
  static final long COUNT_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** Counting takes this part of the time at most, so of a processor. */
  private static final int COUNTING_SHARE = 20;

  private static final int MOST_ENDED = 100;

  /** What people have asked for; another one if they have changed their minds. */
  record Drain(String pool, String backend, int fwmark, long untilSeconds) {
    @Override
    public String toString() {
      return pool + '/' + backend;
    }
  }

  /** A drain, when it was seen first, and its flows at the last count; null if not known. */
  private record Running(Drain drain, long sinceNanos, Long flows) {}

  /**
   * A drain that we have ended.
   *
   * @param flows how many were left; null if not known
   * @param isTimeUp whether it had to end
   */
  record Ended(Drain drain, Long flows, boolean isTimeUp) {}

  private final Instance instance;
  private final CarriedFlows carried;
  private final LongSupplier nanos;
  private final LongSupplier millis;
  private final Map<String, Ended> ended = new LinkedHashMap<>();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Unexpected unexpected = new Unexpected(LOG, "the look at drains");
  private final Thread thread = Thread.ofPlatform().name("drains").daemon().unstarted(this::run);
  private List<Running> running = List.of();
  private long epochSeen = -1;
  private long nextNanos;
  private boolean cannotCount;
  private String lastTrouble = "";

  /** For the control socket; replaced as a whole. */
  private volatile Map<String, Object> report;

  Drains(Instance instance, CarriedFlows carried) {
    this(instance, carried, System::nanoTime, System::currentTimeMillis);
  }

  /** With clocks of one's own: monotonic in nanoseconds, and in milliseconds since 1970. */
  Drains(Instance instance, CarriedFlows carried, LongSupplier nanos, LongSupplier millis) {
    this.instance = instance;
    this.carried = carried;
    this.nanos = nanos;
    this.millis = millis;
    tell();
  }

  /** Looks after drains from now on, on a thread of its own. */
  void start() {
    thread.start();
  }

  private void run() {
    try {
      while (!closing.await(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
        lookOrTell();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void lookOrTell() {
    try {
      look();
    } catch (RuntimeException e) {
      unexpected.tell(e);
      epochSeen = -1; // what was not looked at to the end is looked at again
    }
  }

  /** Does what is due. */
  void look() {
    long nowNanos = nanos.getAsLong();
    long epoch = instance.epoch();
    if (epoch != epochSeen) {
      epochSeen = epoch;
      find(nowNanos);
    }
    if (!running.isEmpty() && nowNanos - nextNanos >= 0) {
      count();
      long took = nanos.getAsLong() - nowNanos;
      nextNanos = nowNanos + Math.max(COUNT_NANOS, COUNTING_SHARE * took);
      for (Running each : running) {
        end(each, nowNanos);
      }
      tell();
    }
  }

  private void find(long nowNanos) {
    Map<Drain, Running> known = new LinkedHashMap<>();
    running.forEach(each -> known.put(each.drain, each));
    List<Running> found = new ArrayList<>();
    try {
      for (PoolFile pool : instance.configuration().pools()) {
        for (Backend backend : instance.look(pool.name(), Pool::drains)) {
          Drain drain =
              new Drain(pool.name(), backend.name(), backend.fwmark(), backend.drainUntilSeconds());
          found.add(known.getOrDefault(drain, new Running(drain, nowNanos, null)));
        }
      }
    } catch (StateException e) {
      LOG.log(Level.ERROR, "drains: " + e.getMessage()); // once for each epoch
      return;
    }
    for (Running each : found) {
      if (!known.containsKey(each.drain)) {
        nextNanos = nowNanos;
        LOG.log(
            Level.INFO,
            each.drain + " drains until " + text(each.drain.untilSeconds) + " at the latest");
      }
    }
    running = found;
    tell();
  }

  private void count() {
    long[] counts = null;
    try {
      counts = carried.count(running.stream().mapToInt(each -> each.drain.fwmark).toArray());
      cannotCount = false;
    } catch (IOException | StateException e) { // the latter: a pool was deleted just now
      if (!cannotCount) {
        LOG.log(
            Level.WARNING,
            "flows cannot be counted, so drains last as long as they may: " + e.getMessage());
      }
      cannotCount = true;
    }
    List<Running> counted = new ArrayList<>();
    for (int i = 0; i < running.size(); i++) {
      Running each = running.get(i);
      counted.add(new Running(each.drain, each.sinceNanos, counts == null ? null : counts[i]));
    }
    running = counted;
  }

  private void end(Running each, long nowNanos) {
    // A flow that was decided just before the drain may not be there to be counted yet.
    boolean isEmpty =
        each.flows != null && each.flows == 0 && nowNanos - each.sinceNanos >= COUNT_NANOS;
    long leftMillis = each.drain.untilSeconds * 1000 - millis.getAsLong();
    if (!isEmpty && leftMillis > 0) {
      long left = TimeUnit.MILLISECONDS.toNanos(leftMillis);
      nextNanos = Math.min(nextNanos, nowNanos + left);
      return;
    }
    try {
      if (makeInactive(each.drain)) {
        remember(new Ended(each.drain, each.flows, !isEmpty));
        LOG.log(Level.INFO, each.drain + " is inactive: " + left(each));
      }
    } catch (StateException e) {
      String trouble = each.drain + " is drained, but stays so: " + e.getMessage();
      if (!trouble.equals(lastTrouble)) {
        LOG.log(Level.WARNING, trouble); // once, not at each look
      }
      lastTrouble = trouble;
    }
  }

  private static String left(Running each) {
    if (each.flows == null) {
      return "its time is up, how many flows are left is not known";
    }
    return each.flows == 0 ? "no flow is left" : "its time is up, flows left: " + each.flows;
  }

  /** Whether it was still draining as we have seen it. */
  private boolean makeInactive(Drain drain) {
    boolean[] isChanged = new boolean[1];
    instance.updatePool(
        drain.pool,
        backends ->
            backends.stream()
                .map(
                    backend -> {
                      if (!isMeant(drain, backend)) {
                        return backend;
                      }
                      isChanged[0] = true;
                      return backend.with(AdminState.INACTIVE);
                    })
                .toList());
    return isChanged[0];
  }

  private static boolean isMeant(Drain drain, Backend backend) {
    return backend.name().equals(drain.backend)
        && backend.fwmark() == drain.fwmark
        && backend.drainUntilSeconds() == drain.untilSeconds;
  }

  private void remember(Ended end) {
    ended.remove(end.drain.toString());
    ended.put(end.drain.toString(), end);
    if (ended.size() > MOST_ENDED) {
      ended.remove(ended.keySet().iterator().next());
    }
  }

  private void tell() {
    List<Object> now = new ArrayList<>();
    running.forEach(each -> now.add(members(each.drain, each.flows)));
    List<Object> over = new ArrayList<>();
    for (Ended each : ended.values()) {
      Map<String, Object> members = members(each.drain, each.flows);
      members.put("timeUp", each.isTimeUp);
      over.add(members);
    }
    report = Map.of("carrier", carried.carrier(), "drains", now, "ended", over);
  }

  private static Map<String, Object> members(Drain drain, Long flows) {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("pool", drain.pool);
    members.put("backend", drain.backend);
    members.put("fwmark", drain.fwmark);
    members.put("until", text(drain.untilSeconds));
    members.put("flows", flows);
    return members;
  }

  private static String text(long seconds) {
    return Instant.ofEpochSecond(seconds).toString();
  }

  /** What drains and what has drained, for the control socket. Any thread; waits for nobody. */
  Map<String, Object> report() {
    return report;
  }

  /** Stops looking; when it returns, neither instance nor flows are used here any more. */
  @Override
  public void close() {
    closing.countDown();
    Threads.awaitEnd(thread);
  }
}

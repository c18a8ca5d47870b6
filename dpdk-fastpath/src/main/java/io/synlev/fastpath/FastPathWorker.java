package io.synlev.fastpath;

import io.synlev.datapath.DatapathDeciders;
import io.synlev.datapath.WorkerStatistics;
import io.synlev.dpdk.DpdkException;
import io.synlev.dpdk.Eal;
import io.synlev.dpdk.PacketPool;
import io.synlev.dpdk.PortQueue;
import io.synlev.dpdk.Workers;
import io.synlev.state.Prefix;
import io.synlev.threads.Threads;
import java.lang.foreign.Arena;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * One pair of queues and the thread that serves it.
 *
 * <p>A life is: construction, {@link #start}, {@link #stop}, {@link #awaitEnd}, each by one thread
 * at a time; {@link #statistics} by any.
 */
final class FastPathWorker {

  /** Empty steps before it sleeps, if it may: about 30 us of polling. */
  private static final int EMPTY_STEPS = 1000;

  private static final int NANOS_PER_MICRO = 1000;

  /** How many steps in a row must be empty before nothing is on its way any more. */
  private static final int QUIET_STEPS = 64;

  /** As many steps empty any queue; a port that never falls silent does not hold up the end. */
  private static final int LAST_STEPS = 1024;

  private static final int BURST = 32;

  private final Eal eal;
  private final int number;
  private final int core;
  private final long idleNanos;
  private final Arena arena = Arena.ofShared();
  private final Counters counters;
  private final BurstLoop loop;
  private final PortQueue receiving;
  private final PacketPool pool;
  private final boolean hasCopies;
  private final NatSessions nat;

  /** Null if no flow is remembered. */
  private final ConnectionTable table;

  private volatile boolean stopping;
  private volatile Thread thread;

  /**
   * Makes one that is not started.
   *
   * @param handover null if it is the only one
   * @param table null if no flow is remembered
   * @param nat null if nothing is translated
   */
  FastPathWorker(
      Eal eal,
      FastPathOptions options,
      int number,
      FastPathPorts ports,
      NeighbourTable neighbours,
      Counters counters,
      Handover handover,
      ConnectionTable table,
      NatSessions nat,
      DatapathDeciders deciders)
      throws DpdkException {
    this.eal = eal;
    this.number = number;
    this.counters = counters;
    this.nat = nat;
    this.table = table;
    core = options.cores().get(number);
    idleNanos = (long) options.idleMicros() * NANOS_PER_MICRO;
    Neighbourhood.Link in = ports.in(number);
    Neighbourhood.Link out = ports.hasOneArm() ? in : ports.out(number);
    Neighbourhood neighbourhood =
        new Neighbourhood(
            arena,
            in,
            out,
            ports.kernel(number),
            ports.pool(),
            neighbours,
            number == 0,
            options.neighbours(),
            options.burst(),
            options.forwarding().checksumOffload(),
            counters);
    Forwarder forwarder = new Forwarder(options.forwarding(), out.mac(), counters);
    forwarder.resolveWith(neighbourhood.resolver());
    receiving = in.queue();
    pool = ports.pool();
    hasCopies = options.leavesCopies();
    loop =
        new BurstLoop(
            arena,
            in.queue(),
            out.queue(),
            ports.pool(),
            options.burst(),
            options.holding(),
            forwarder,
            options.forwarding().checksumOffload(),
            counters,
            held -> deciders.decider(number, held, table));
    loop.join(neighbourhood);
    loop.join(handover);
    if (nat != null) {
      NatPaths paths =
          new NatPaths(
              arena,
              in,
              out,
              ports.pool(),
              forwarder,
              neighbourhood,
              options.forwarding().mtu(),
              options.burst(),
              counters);
      NatLane lane =
          new NatLane(
              arena,
              number,
              nat.tables(),
              forwarder,
              paths,
              ports.pool(),
              options.holding(),
              counters);
      lane.join(handover);
      neighbourhood.join(lane);
      loop.join(lane);
    }
  }

  /** Starts serving on a platform thread of its own. */
  void start(Consumer<Throwable> onFailure) {
    thread = Thread.ofPlatform().name(name()).daemon(true).unstarted(() -> serve(onFailure));
    thread.start();
  }

  private void serve(Consumer<Throwable> onFailure) {
    try {
      Workers.register(eal, core);
      try {
        run();
        loop.close();
      } finally {
        Workers.unregister(eal);
      }
    } catch (DpdkException | RuntimeException | Error e) {
      onFailure.accept(e);
    }
  }

  private void run() {
    if (hasCopies) {
      discardOld();
    }
    serve();
    if (!hasCopies) {
      finish();
    }
  }

  /** What has come before the start, others have dealt with, in the kernel. */
  private void discardOld() {
    long table = arena.allocate(8L * BURST, 8).address();
    int received = BURST;
    for (int i = 0; i < LAST_STEPS && received > 0; i++) {
      received = receiving.receive(table, BURST);
      if (received > 0) {
        pool.free(table, received);
      }
    }
  }

  /** Deals with what is still on its way, now that nothing more is brought here. */
  private void finish() {
    int empty = 0;
    for (int i = 0; i < LAST_STEPS && empty < QUIET_STEPS; i++) {
      empty = loop.step(System.nanoTime()) > 0 ? 0 : empty + 1;
    }
  }

  private void serve() {
    int empty = 0;
    while (!stopping) {
      long now = System.nanoTime();
      if (loop.step(now) > 0) {
        empty = 0;
        continue;
      }
      if (table != null) {
        table.idle(now);
      }
      if (idleNanos > 0 && ++empty > EMPTY_STEPS) {
        LockSupport.parkNanos(idleNanos);
      } else {
        Thread.onSpinWait();
      }
    }
  }

  /** Asks the thread to end; {@link #awaitEnd} must follow. */
  void stop() {
    stopping = true;
  }

  /** Waits for its end; nothing it received is left. */
  void awaitEnd() {
    if (thread != null) {
      Threads.awaitEnd(thread); // it ends within a step, and must before its ports do
    }
    arena.close();
  }

  /** The VIPs in force; any thread. */
  List<Prefix> vips() {
    return loop.vips();
  }

  private String name() {
    return "dpdk-" + number;
  }

  /** The present counters. */
  WorkerStatistics statistics() {
    Map<String, Long> values = new LinkedHashMap<>();
    for (FastPathCounter counter : FastPathCounter.values()) {
      values.put(counter.label(), counters.get(counter));
    }
    if (nat != null) {
      values.putAll(nat.statistics(number));
    }
    return new WorkerStatistics(name(), values);
  }
}

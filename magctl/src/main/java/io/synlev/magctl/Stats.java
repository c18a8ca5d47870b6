package io.synlev.magctl;

import io.synlev.datapath.Reason;
import io.synlev.state.Instance;
import io.synlev.state.Pool;
import io.synlev.state.PoolSnapshot;
import io.synlev.state.StateException;
import io.synlev.state.WorkerCounters;
import java.util.ArrayList;
import java.util.List;

/**
 * All counters of an instance at one moment; they only grow.
 *
 * @param instance its name
 * @param nanos when they were read, on {@link System#nanoTime}'s scale
 * @param workers those that have counted anything
 * @param backends the packets that were steered to each backend
 */
record Stats(String instance, long nanos, List<Worker> workers, List<BackendPackets> backends) {
  private static final Reason[] REASONS = Reason.values();

  /**
   * The counters of a worker.
   *
   * @param number which one, from 0
   * @param counters packets by {@link Reason#id}
   */
  record Worker(int number, long[] counters) {
    long packets() {
      return sum(counters);
    }
  }

  /**
   * The packets of a backend since it was added.
   *
   * @param pool its pool
   * @param name its name
   * @param fwmark its mark
   */
  record BackendPackets(String pool, String name, int fwmark, long packets) {}

  /** Reads all counters. */
  static Stats read(Instance instance, long nanos) {
    List<Worker> workers = new ArrayList<>();
    for (int number = 0; number < WorkerCounters.WORKERS; number++) {
      WorkerCounters shared = instance.counters(number);
      long[] counters = new long[WorkerCounters.COUNT];
      for (int id = 0; id < counters.length; id++) {
        counters[id] = shared.get(id);
      }
      if (sum(counters) != 0) {
        workers.add(new Worker(number, counters));
      }
    }
    List<BackendPackets> backends = new ArrayList<>();
    for (String name : PoolCommand.poolNames(instance.configuration())) {
      addPool(instance, name, backends);
    }
    return new Stats(instance.directory().instance(), nanos, workers, backends);
  }

  private static void addPool(Instance instance, String name, List<BackendPackets> backends) {
    try {
      Pool pool = instance.pool(name);
      for (PoolSnapshot.Member member : instance.snapshot(name).members()) {
        backends.add(
            new BackendPackets(
                name,
                member.backend().name(),
                member.backend().fwmark(),
                pool.packets(member.index())));
      }
    } catch (StateException e) {
      // Deleted since we read the configuration.
      if (instance.configuration().pool(name).isPresent()) {
        throw e;
      }
    }
  }

  /** Packets by reason, of all workers together. */
  long[] totals() {
    long[] totals = new long[WorkerCounters.COUNT];
    for (Worker worker : workers) {
      for (int id = 0; id < totals.length; id++) {
        totals[id] += worker.counters[id];
      }
    }
    return totals;
  }

  /** The reason of a counter's id; null for one that a later version counts. */
  static Reason reason(int id) {
    for (Reason reason : REASONS) {
      if (reason.id() == id) {
        return reason;
      }
    }
    return null;
  }

  static String label(int id) {
    Reason reason = reason(id);
    return reason == null ? "counter-" + id : reason.label();
  }

  static long sum(long[] counters) {
    long sum = 0;
    for (long counter : counters) {
      sum += counter;
    }
    return sum;
  }
}

package io.synlev.steering;

import io.synlev.state.WorkerCounters;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;

/**
 * Holds the view in force, and knows which workers are in the middle of using one.
 *
 * <p>A worker encloses each batch in {@link #enter} and {@link #leave}: two stores and a load, no
 * lock, no allocation, no waiting. The control thread replaces the view with {@link #swap}, which
 * returns when every worker has left the old one; a worker that is waiting for packets counts as
 * having left.
 *
 * <p>Why that holds: each worker counts its visits in a cell of its own, odd while inside. Entering
 * stores the count and then loads the view; swapping stores the view and then loads the counts. All
 * four are volatile, hence in one total order: either the worker loads the new view, or the swap
 * sees it inside and waits until that count changes. A worker that has entered again meanwhile has
 * the new view, so swapping never starves. Leaving is a release store: everything the worker did
 * with the old view happens before the swap returns.
 */
public final class Views {

  /** Longs from one worker's cell to the next: two cache lines, as prefetchers fetch pairs. */
  private static final int STRIDE = 16;

  private static final int SPINS = 100;
  private static final long PAUSE_NANOS = 50_000;

  private final AtomicLongArray visits;
  private volatile View current;

  /** How many workers may visit; it only grows. */
  private volatile int workers;

  /** Starts with a view; workers are numbered from 0 to {@code workers - 1}. */
  public Views(View first, int workers) {
    this.workers = workers;
    this.visits = new AtomicLongArray((WorkerCounters.WORKERS + 1) * STRIDE);
    this.current = check(first);
  }

  private View check(View view) {
    if (view.workers() < workers || view.workers() > WorkerCounters.WORKERS) {
      throw new IllegalArgumentException(
          "a view for %d workers where there are %d, and %d at most"
              .formatted(view.workers(), workers, WorkerCounters.WORKERS));
    }
    return view;
  }

  /** How many workers may visit, numbered from 0. Any thread. */
  public int workers() {
    return workers;
  }

  /**
   * Makes room for more workers: as {@link #swap}, with a view for all of them.
   *
   * @throws InterruptedException as {@link #swap}
   */
  public synchronized View widen(View wider) throws InterruptedException {
    workers = check(wider).workers();
    return swap(wider);
  }

  private static int cell(int worker) {
    return (worker + 1) * STRIDE;
  }

  /**
   * Begins a visit. Only the worker itself may call, and not twice without {@link #leave}.
   *
   * @return the view in force, which stays usable until {@link #leave}
   */
  public View enter(int worker) {
    int cell = cell(worker);
    visits.set(cell, visits.getPlain(cell) + 1);
    return current;
  }

  /** Ends a visit. */
  public void leave(int worker) {
    int cell = cell(worker);
    visits.setRelease(cell, visits.getPlain(cell) + 1);
  }

  /** The view in force, for looking at what never changes. Any thread. */
  public View current() {
    return current;
  }

  /**
   * Puts another view in force and waits until no worker uses the old one. Any thread but a worker
   * in its visit; callers take turns.
   *
   * @return the old view
   * @throws InterruptedException when interrupted while waiting: the new view is in force, and the
   *     old one may still be in use
   */
  public synchronized View swap(View next) throws InterruptedException {
    View old = current;
    current = check(next);
    for (int worker = 0; worker < workers; worker++) {
      await(cell(worker));
    }
    return old;
  }

  /**
   * Waits until every worker has ended the visit that it is in. What it does from then on it does
   * with the tables that were in force when this was called. Any thread but a worker in its visit.
   *
   * @throws InterruptedException when interrupted while waiting
   */
  public synchronized void awaitVisits() throws InterruptedException {
    for (int worker = 0; worker < workers; worker++) {
      await(cell(worker));
    }
  }

  private void await(int cell) throws InterruptedException {
    long visit = visits.get(cell);
    if ((visit & 1) == 0) {
      return;
    }
    for (int spins = 0; visits.get(cell) == visit; spins++) {
      if (Thread.interrupted()) {
        throw new InterruptedException("while a worker was using the old view");
      }
      if (spins < SPINS) {
        Thread.onSpinWait();
      } else {
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
  }
}

package io.synlev.steering.trace;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;

/**
 * The traces in force. Workers look here once a batch: while there is none, that is one load and
 * one branch.
 */
public final class Traces {
  /** The most at once. */
  public static final int MOST = 4;

  private static final VarHandle ACTIVE;

  static {
    try {
      ACTIVE = MethodHandles.lookup().findVarHandle(Traces.class, "active", Trace[].class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** Null if there is none; an array in here is never changed. */
  private Trace[] active;

  /** Those in force, or null; with acquire, so that a trace is seen whole. */
  Trace[] active() {
    return (Trace[]) ACTIVE.getAcquire(this);
  }

  /**
   * Puts a trace in force; workers offer from their next batch on.
   *
   * @throws IllegalStateException if there are {@link #MOST} already
   */
  public synchronized void start(Trace trace) {
    List<Trace> all = list();
    if (all.size() >= MOST) {
      throw new IllegalStateException(
          all.size() + " traces run already, and no more may: end one of them first");
    }
    all.add(trace);
    publish(all);
  }

  /** Ends a trace, if it is in force; a worker may still be offering its present batch. */
  public synchronized void stop(Trace trace) {
    List<Trace> all = list();
    all.remove(trace);
    publish(all);
  }

  private List<Trace> list() {
    return active == null ? new ArrayList<>() : new ArrayList<>(List.of(active));
  }

  private void publish(List<Trace> all) {
    ACTIVE.setRelease(this, all.isEmpty() ? null : all.toArray(Trace[]::new));
  }
}

package io.synlev.lbd;

import io.synlev.datapath.BatchDecider;
import io.synlev.steering.Views;
import io.synlev.steering.trace.Trace;
import io.synlev.steering.trace.TraceFilter;
import io.synlev.steering.trace.TracedDecider;
import io.synlev.steering.trace.Traces;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Traces that somebody reads. One that nobody has read for {@link #LEASE} is ended: its reader has
 * gone. Any thread.
 */
final class TraceSessions {
  /** How long a trace lives without being read. */
  static final Duration LEASE = Duration.ofSeconds(5);

  private static final Logger LOG = System.getLogger(TraceSessions.class.getName());

  private static final class Session {
    final Trace trace;
    long lastRead;

    Session(Trace trace, long nowNanos) {
      this.trace = trace;
      this.lastRead = nowNanos;
    }
  }

  private final Views views;
  private final Traces traces = new Traces();
  private final Map<Long, Session> sessions = new LinkedHashMap<>();
  private long lastId;

  /** For traces over the workers of these views. */
  TraceSessions(Views views) {
    this.views = views;
  }

  /** A decider whose decisions can be traced. */
  BatchDecider traced(BatchDecider decider, int worker) {
    return new TracedDecider(decider, traces, views, worker);
  }

  /**
   * Starts a trace.
   *
   * @return its number
   * @throws IllegalArgumentException if the rate or the snap length is out of range
   * @throws IllegalStateException if too many run
   */
  synchronized long start(TraceFilter filter, int perSecond, int snapLength) {
    long now = System.nanoTime();
    Trace trace = new Trace(views.workers(), filter, perSecond, snapLength, now);
    traces.start(trace);
    sessions.put(++lastId, new Session(trace, now));
    return lastId;
  }

  /** A trace to read, whose lease begins anew; null if there is none of this number. */
  synchronized Trace read(long id) {
    Session session = sessions.get(id);
    if (session == null) {
      return null;
    }
    session.lastRead = System.nanoTime();
    return session.trace;
  }

  /** Ends a trace; false if there is none of this number. */
  synchronized boolean stop(long id) {
    Session session = sessions.remove(id);
    if (session != null) {
      traces.stop(session.trace);
    }
    return session != null;
  }

  /** Ends all, as they have no room for workers that are about to begin. */
  synchronized void endAll() {
    if (!sessions.isEmpty()) {
      sessions.values().forEach(session -> traces.stop(session.trace));
      LOG.log(Level.INFO, "traces " + sessions.keySet() + " are ended: there are more workers");
      sessions.clear();
    }
  }

  /** Ends those that nobody reads any more. */
  synchronized void expire() {
    if (sessions.isEmpty()) {
      return;
    }
    long now = System.nanoTime();
    sessions
        .entrySet()
        .removeIf(
            entry -> {
              boolean isOver = now - entry.getValue().lastRead > LEASE.toNanos();
              if (isOver) {
                traces.stop(entry.getValue().trace);
                LOG.log(Level.INFO, "trace " + entry.getKey() + " is ended: nobody reads it");
              }
              return isOver;
            });
  }
}

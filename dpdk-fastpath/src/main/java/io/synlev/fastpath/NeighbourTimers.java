package io.synlev.fastpath;

/**
 * What happens to neighbours as time passes: RFC 4861, 7.3.3, without DELAY, since nobody tells us
 * that upper layers make progress.
 *
 * <pre>
 *   INCOMPLETE --answer--> REACHABLE --30 s--> STALE --wanted--> PROBE --answer--> REACHABLE
 *       |  ^                                                       |
 *       |  +-------------- three unicast requests without answer --+
 *       +--three requests to all without answer--> FAILED --1 s, and wanted--> INCOMPLETE
 * </pre>
 *
 * <p>Whoever was not wanted for ten minutes is forgotten. Runs on one worker; neither allocates nor
 * throws.
 */
final class NeighbourTimers {

  private static final long TICK_NANOS = 100_000_000L;
  private static final long FORGOTTEN_NANOS = 600_000_000_000L;

  /** MAX_MULTICAST_SOLICIT and MAX_UNICAST_SOLICIT: RFC 4861, 10. */
  private static final int MOST_REQUESTS = 3;

  /** Of a new neighbour, the worker that made the entry sends the first request: that is 0. */
  private static final int NONE_SENT = -1;

  private final NeighbourTable table;
  private final Solicitor solicitor;
  private final Counters counters;
  private boolean began;
  private long next;

  NeighbourTimers(NeighbourTable table, Solicitor solicitor, Counters counters) {
    this.table = table;
    this.solicitor = solicitor;
    this.counters = counters;
  }

  /** Does what is due; looks ten times a second. */
  void step(long nowNanos) {
    if (began && nowNanos - next < 0) {
      return;
    }
    began = true;
    next = nowNanos + TICK_NANOS;
    for (int at = 0; at < table.capacity(); at++) {
      long word = table.word(at);
      if (NeighbourTable.state(word) != NeighbourTable.NONE) {
        step(at, word, nowNanos);
      }
    }
  }

  private void step(int at, long word, long nowNanos) {
    if (nowNanos - table.wanted(at) > FORGOTTEN_NANOS && table.remove(at)) {
      return;
    }
    boolean isDue = nowNanos - table.due(at) >= 0;
    switch (NeighbourTable.state(word)) {
      case NeighbourTable.INCOMPLETE -> {
        if (isDue) {
          askAll(at, word, nowNanos);
        }
      }
      case NeighbourTable.REACHABLE -> {
        table.requests[at] = 0;
        if (isDue) {
          boolean ignored =
              table.change(at, word, NeighbourTable.STALE, NeighbourTable.mac(word), nowNanos);
        }
      }
      case NeighbourTable.STALE -> {
        table.requests[at] = 0;
        if (table.wanted(at) - table.due(at) > 0) {
          probe(at, word, nowNanos);
        }
      }
      case NeighbourTable.PROBE -> {
        if (isDue) {
          probe(at, word, nowNanos);
        }
      }
      default -> {
        if (isDue && table.wanted(at) - table.due(at) > -Resolver.RETRANSMIT_NANOS) {
          table.requests[at] = NONE_SENT;
          askAll(at, word, nowNanos);
        }
      }
    }
  }

  private void askAll(int at, long word, long nowNanos) {
    boolean isOver = table.requests[at] >= MOST_REQUESTS - 1;
    int state = isOver ? NeighbourTable.FAILED : NeighbourTable.INCOMPLETE;
    if (!table.change(at, word, state, 0, nowNanos + Resolver.RETRANSMIT_NANOS)) {
      return; // answered meanwhile
    }
    if (isOver) {
      counters.add(FastPathCounter.NEIGHBOUR_LOST, 1);
    } else {
      table.requests[at]++;
      solicitor.ask(table.high(at), table.low(at), 0);
    }
  }

  private void probe(int at, long word, long nowNanos) {
    long mac = NeighbourTable.mac(word);
    if (table.requests[at] >= MOST_REQUESTS) {
      table.requests[at] = NONE_SENT;
      if (table.change(at, word, NeighbourTable.INCOMPLETE, 0, nowNanos)) {
        counters.add(FastPathCounter.NEIGHBOUR_LOST, 1);
      }
      return;
    }
    if (table.change(at, word, NeighbourTable.PROBE, mac, nowNanos + Resolver.RETRANSMIT_NANOS)) {
      table.requests[at]++;
      solicitor.ask(table.high(at), table.low(at), mac);
    }
  }
}

package io.synlev.fastpath;

import io.synlev.datapath.FlowListing;
import io.synlev.datapath.FlowRecord;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntUnaryOperator;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * The flows of all workers' connection tables, for people. Reads beside the workers: of a flow that
 * changes meanwhile something wrong may be shown, once.
 */
final class ConnectionListing implements FlowListing {

  private static final String PREFIX = "flows-";

  private static final List<FastPathCounter> ENDS =
      List.of(
          FastPathCounter.FLOWS_EVICTED,
          FastPathCounter.FLOWS_EXPIRED,
          FastPathCounter.FLOWS_REOPENED,
          FastPathCounter.FLOWS_STALE);

  private final Connections connections;

  /** Null if nothing is translated. */
  private final NatSessions nat;

  private final IntUnaryOperator marks;
  private final LongSupplier nanoClock;

  /**
   * Makes one.
   *
   * @param nat null if nothing is translated
   * @param marks the fwmark of a backend by its identity, 0 for one that is gone
   * @param nanoClock the workers' clock
   */
  ConnectionListing(
      Connections connections, NatSessions nat, IntUnaryOperator marks, LongSupplier nanoClock) {
    this.connections = connections;
    this.nat = nat;
    this.marks = marks;
    this.nanoClock = nanoClock;
  }

  @Override
  public String carrier() {
    return DpdkDatapath.NAME;
  }

  @Override
  public Room room() {
    int workers = connections.count();
    return new Room(
        (long) connections.options().flows() * workers,
        workers == 1 ? "in all" : "in all, in the tables of " + workers + " workers");
  }

  @Override
  public void forEach(Consumer<FlowRecord> visitor) {
    FlowRecord record = new FlowRecord();
    record.packets = FlowRecord.UNKNOWN;
    record.bytes = FlowRecord.UNKNOWN;
    connections.forEach(
        table -> table.forEach(place -> visitor.accept(read(table, place, record))));
  }

  /** A flow that takes a freed place in the same moment may be forgotten with it. */
  @Override
  public long flush(Predicate<FlowRecord> condition) {
    FlowRecord record = new FlowRecord();
    long[] flushed = new long[1];
    connections.forEach(
        table ->
            table.forEach(
                place -> {
                  if (condition.test(read(table, place, record)) && table.forget(place)) {
                    flushed[0]++;
                  }
                }));
    connections.countFlushed(flushed[0]);
    return flushed[0];
  }

  private FlowRecord read(ConnectionTable table, long place, FlowRecord out) {
    long bucket = FlowBucket.bucket(place);
    int at = FlowBucket.place(place);
    long key = table.key(place);
    FlowBucket.readKey(key, out.flow);
    int state = FlowBucket.state(bucket, at);
    // The worker's clock may be a little ahead.
    int idle = Math.max(0, FlowState.tick(nanoClock.getAsLong()) - FlowBucket.seen(bucket, at));
    out.mark = marks.applyAsInt((int) (FlowBucket.number(key) >>> 32));
    out.idleNanos = (long) idle << FlowState.TICK_SHIFT;
    out.isClosing = state == FlowState.TCP_CLOSING;
    out.isYoung = !out.isClosing && FlowState.isYoung(state);
    out.isLive = out.mark != 0 && !table.states().isOver(state, idle);
    return out;
  }

  @Override
  public Map<String, Long> counters() {
    Map<FastPathCounter, Long> sums = new EnumMap<>(FastPathCounter.class);
    for (FastPathCounter counter : FastPathCounter.values()) {
      if (counter.label().startsWith(PREFIX)) {
        sums.put(counter, connections.sum(counter));
      }
    }
    Map<String, Long> all = new LinkedHashMap<>();
    sums.forEach((counter, sum) -> all.put(counter.label().substring(PREFIX.length()), sum));
    all.put("flushed", connections.flushed());
    long ended = 0;
    for (FastPathCounter counter : ENDS) {
      ended += sums.get(counter);
    }
    all.put("known", sums.get(FastPathCounter.FLOWS_INSERTED) - ended - connections.flushed());
    if (nat != null) {
      all.putAll(nat.statistics());
    }
    return all;
  }
}

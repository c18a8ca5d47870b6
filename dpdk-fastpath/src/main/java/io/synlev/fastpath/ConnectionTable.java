package io.synlev.fastpath;

import io.synlev.datapath.FlowRecord;
import io.synlev.datapath.InsertionLimit;
import io.synlev.datapath.OwnFlows;
import io.synlev.packet.FlowBurst;
import io.synlev.packet.FlowKey;
import io.synlev.packet.IpProtocol;
import java.util.function.LongConsumer;

/**
 * A worker's flows in huge pages: buckets of eight, in each of which the least recently used one
 * makes room, young ones first; docs/dpdk-flows.md.
 *
 * <p>Belongs to one worker. Hot: no allocation, no lock, no exception.
 */
final class ConnectionTable implements OwnFlows {

  /**
   * A flow's time is noted anew after so many ticks, about a quarter of a second: a cache line that
   * is only read need not be written back.
   */
  static final int NOTED_TICKS = 1 << 8;

  private final FlowMemory memory;
  private final FlowState states;
  private final InsertionLimit limit;
  private final FlowCounts counts;
  private final CountedFlows counted;
  private final FlowPlaces places;
  private final Counters counters;
  private SharedTables others;

  private long nanos;
  private int tick;
  private int hits;

  private final BurstSearch search;

  /**
   * Takes memory into use.
   *
   * @param memory zeroed, {@code options.bytes()} long, at the beginning of a cache line
   * @param nowNanos the time on {@link System#nanoTime()}'s scale
   */
  ConnectionTable(long memory, ConnectionOptions options, Counters counters, long nowNanos) {
    this.counters = counters;
    this.memory = new FlowMemory(memory, options.buckets());
    states = new FlowState(options.timeouts());
    limit = new InsertionLimit(options.insertions());
    nanos = nowNanos;
    tick = FlowState.tick(nowNanos);
    search = new BurstSearch(this.memory, states);
    counts = new FlowCounts(options.buckets() * FlowBucket.PLACES);
    counted = new CountedFlows(counts);
    places = new FlowPlaces(this.memory, states, counted, counters, tick);
  }

  /** Makes other workers' tables known, before the first batch. */
  void join(SharedTables tables) {
    others = tables;
  }

  @Override
  public void begin(long nowNanos) {
    nanos = nowNanos;
    tick = FlowState.tick(nowNanos);
  }

  @Override
  public void approach(int[] hashes, int count) {
    search.approach(hashes, count);
  }

  @Override
  public void findAll(FlowBurst flows, int[] hashes, long[] founds, long[] backends) {
    search.findAll(flows, hashes, tick, founds, backends);
  }

  @Override
  public long find(FlowKey flow, int hash, int tcpFlags) {
    long place = place(flow, hash);
    return place != UNKNOWN && isLive(place, tcpFlags) ? place : UNKNOWN;
  }

  /** Where a flow is, dead or alive, or {@link #UNKNOWN}. */
  private long place(FlowKey flow, int hash) {
    long bucket = memory.bucket(hash);
    long matches = FlowBucket.matches(FlowBucket.tags(bucket), FlowBucket.tag(hash));
    while (matches != 0) {
      int place = FlowBucket.first(matches);
      if (FlowBucket.isOf(memory.key(bucket, place), flow)) {
        return FlowBucket.join(bucket, place);
      }
      matches &= matches - 1;
    }
    return UNKNOWN;
  }

  private boolean isLive(long found, int tcpFlags) {
    long bucket = FlowBucket.bucket(found);
    int place = FlowBucket.place(found);
    int idle = tick - FlowBucket.seen(bucket, place);
    return states.isLive(FlowBucket.state(bucket, place), idle, tcpFlags);
  }

  @Override
  public long findAnywhere(FlowKey flow, int hash) {
    long found = find(flow, hash, 0);
    if (found != UNKNOWN) {
      return backend(found);
    }
    return others == null ? UNKNOWN : others.find(this, flow, hash);
  }

  /**
   * What another worker has found about a flow, on that worker's thread.
   *
   * @return the backend's number, or {@link #UNKNOWN}
   */
  long look(FlowKey flow, int hash, int atTick) {
    return TableReader.find(memory, flow, hash, states, atTick);
  }

  /** Shows each place with a flow in it. Any thread; what the worker changes may be missed. */
  void forEach(LongConsumer visitor) {
    for (int i = 0; i < memory.count(); i++) {
      long bucket = memory.at(i);
      for (int place = 0; place < FlowBucket.PLACES; place++) {
        if (FlowBucket.tag(bucket, place) != 0
            && FlowBucket.number(memory.key(bucket, place)) != UNKNOWN) {
          visitor.accept(FlowBucket.join(bucket, place));
        }
      }
    }
  }

  /**
   * Forgets the flow at a place, which the worker frees later on. Any thread.
   *
   * @return false if it had been ended before
   */
  boolean forget(long found) {
    long bucket = FlowBucket.bucket(found);
    int place = FlowBucket.place(found);
    return counted.forget(bucket, place, memory.key(bucket, place));
  }

  @Override
  public int liveFlows(int identity) {
    return others == null ? ownFlows(identity) : others.liveFlows(identity);
  }

  /** How many there are in this table. Any thread. */
  int ownFlows(int identity) {
    return counts.of(identity);
  }

  /** Where the key of a place is. */
  long key(long found) {
    return memory.key(found);
  }

  /** How long flows live. */
  FlowState states() {
    return states;
  }

  int tick() {
    return tick;
  }

  @Override
  public long backend(long found) {
    return FlowBucket.number(memory.key(found));
  }

  @Override
  public void touch(long found, long backend, int tcpFlags) {
    hits++;
    renew(found, tcpFlags);
    if (backend(found) != backend) {
      renumber(found, backend);
    }
  }

  @Override
  public void touchAll(FlowBurst flows, long[] founds, int packets) {
    hits += packets;
    for (int j = 0; j < search.dueCount; j++) {
      int i = search.due[j];
      if (founds[i] != UNKNOWN) {
        renew(founds[i], flows.tcpFlags[i]);
      }
    }
  }

  @Override
  public void renumber(long found, long backend) {
    CountedFlows.rename(memory.key(found), backend);
  }

  private void renew(long found, int tcpFlags) {
    long bucket = FlowBucket.bucket(found);
    int place = FlowBucket.place(found);
    if (tick - FlowBucket.seen(bucket, place) >= NOTED_TICKS) {
      FlowBucket.putSeen(bucket, place, tick);
    }
    int state = FlowBucket.state(bucket, place);
    int next = FlowState.next(state, tcpFlags);
    if (next != state) {
      FlowBucket.putState(bucket, place, next);
      counted.turn(bucket, place, memory.key(bucket, place), state, next);
    }
  }

  @Override
  public void add(FlowKey flow, int hash, int tcpFlags, long backend) {
    counters.add(missed(flow.protocol, tcpFlags), 1);
    long found = place(flow, hash);
    if (found != UNKNOWN) {
      if (isLive(found, tcpFlags) && backend(found) == (backend & ~COUNTED)) {
        renew(found, tcpFlags); // added by an earlier packet of the batch
        return;
      }
      end(found, tcpFlags);
    }
    if (FlowState.isReset(tcpFlags)) {
      return; // nothing will follow
    }
    if (limit.take(1, nanos) == 0) {
      counters.add(FastPathCounter.FLOWS_OVER_LIMIT, 1);
      return;
    }
    long bucket = memory.bucket(hash);
    int place = places.room(bucket, tick);
    int state = FlowState.first(flow.protocol, tcpFlags);
    boolean isPut = put(bucket, place, flow, hash, tick, state, backend);
    counters.add(isPut ? FastPathCounter.FLOWS_INSERTED : FastPathCounter.FLOWS_OVER_LIMIT, 1);
  }

  /** Writes a flow to a free place; false if there is no room to count it: the place stays free. */
  private boolean put(
      long bucket, int place, FlowKey flow, int hash, int seen, int state, long backend) {
    long key = memory.key(bucket, place);
    FlowBucket.putKey(key, flow);
    FlowBucket.putSeen(bucket, place, seen);
    FlowBucket.putState(bucket, place, state);
    if (!counted.begin(bucket, place, key, backend, state)) {
      return false;
    }
    FlowBucket.putTag(bucket, place, FlowBucket.tag(hash));
    return true;
  }

  /**
   * Takes a flow that somebody else has carried so far; before the first batch.
   *
   * @param backend its number
   */
  void adopt(FlowRecord flow, int hash, long backend) {
    long bucket = memory.bucket(hash);
    long known = place(flow.flow, hash);
    int place = known == UNKNOWN ? places.room(bucket, tick) : FlowBucket.place(known);
    int seen = tick - FlowState.tick(flow.idleNanos);
    // Always: only pools are counted that queues refuse.
    put(bucket, place, flow.flow, hash, seen, FlowState.of(flow), backend);
    counters.add(FastPathCounter.FLOWS_INSERTED, known == UNKNOWN ? 1 : 0);
  }

  private static FastPathCounter missed(int protocol, int tcpFlags) {
    return switch (protocol) {
      case IpProtocol.TCP ->
          FlowState.isSyn(tcpFlags)
              ? FastPathCounter.FLOWS_MISS_SYN
              : FastPathCounter.FLOWS_MISS_TCP;
      case IpProtocol.UDP -> FastPathCounter.FLOWS_MISS_UDP;
      default -> FastPathCounter.FLOWS_MISS_SCTP;
    };
  }

  /** Ends a flow of which a packet came that is not to follow it. */
  private void end(long found, int tcpFlags) {
    long bucket = FlowBucket.bucket(found);
    int place = FlowBucket.place(found);
    int state = FlowBucket.state(bucket, place);
    boolean isOver = states.isOver(state, tick - FlowBucket.seen(bucket, place));
    places.release(
        bucket,
        place,
        isOver
            ? FastPathCounter.FLOWS_EXPIRED
            : isLive(found, tcpFlags)
                ? FastPathCounter.FLOWS_STALE
                : FastPathCounter.FLOWS_REOPENED);
  }

  @Override
  public void bypass(int packets) {
    counters.add(FastPathCounter.FLOWS_BYPASS, packets);
  }

  /** Does what {@link #end} does for flows that are over, when no batch comes. */
  void idle(long nowNanos) {
    begin(nowNanos);
    places.sweep(tick);
  }

  @Override
  public void end() {
    if (hits > 0) {
      counters.add(FastPathCounter.FLOWS_HIT, hits);
      hits = 0;
    }
    places.sweep(tick);
  }
}

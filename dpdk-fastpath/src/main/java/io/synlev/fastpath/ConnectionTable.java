package io.synlev.fastpath;

import io.synlev.datapath.BatchDecider;
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
  private static final int NOTED_TICKS = 1 << 8;

  private final long memory;
  private final int buckets;
  private final FlowState states;
  private final InsertionLimit limit;
  private final FlowPlaces places;
  private final Counters counters;
  private SharedTables others;

  private long nanos;
  private int tick;
  private int hits;

  private final long[] bucketOf = new long[BatchDecider.MAX_BATCH];
  private final long[] matched = new long[BatchDecider.MAX_BATCH];

  /** Keeps loads that only bring memory near from being left out. */
  private long approached;

  /**
   * Takes memory into use.
   *
   * @param memory zeroed, {@code options.bytes()} long, at the beginning of a cache line
   * @param nowNanos the time on {@link System#nanoTime()}'s scale
   */
  ConnectionTable(long memory, ConnectionOptions options, Counters counters, long nowNanos) {
    this.memory = memory;
    this.counters = counters;
    buckets = options.buckets();
    states = new FlowState(options.timeouts());
    limit = new InsertionLimit(options.insertions());
    nanos = nowNanos;
    tick = FlowState.tick(nowNanos);
    places = new FlowPlaces(memory, buckets, states, counters, tick);
  }

  /** Makes other workers' tables known, before the first batch. */
  void join(SharedTables tables) {
    others = tables;
  }

  private long bucket(int hash) {
    return memory + ((hash & 0xffff_ffffL) * buckets >>> 32) * FlowBucket.BYTES;
  }

  @Override
  public void begin(long nowNanos) {
    nanos = nowNanos;
    tick = FlowState.tick(nowNanos);
  }

  /** In three passes: all tags, the keys that they name, the comparison. */
  @Override
  public void findAll(FlowBurst flows, int[] hashes, long[] founds) {
    matchAll(flows.count, hashes);
    approach(flows.count);
    for (int i = 0; i < flows.count; i++) {
      founds[i] = matched[i] == 0 ? UNKNOWN : find(flows, i);
    }
  }

  private void matchAll(int count, int[] hashes) {
    for (int i = 0; i < count; i++) {
      long bucket = bucket(hashes[i]);
      bucketOf[i] = bucket;
      matched[i] = FlowBucket.matches(FlowBucket.tags(bucket), FlowBucket.tag(hashes[i]));
    }
  }

  private void approach(int count) {
    long sum = 0;
    for (int i = 0; i < count; i++) {
      if (matched[i] != 0) {
        sum += FlowBucket.ends(FlowBucket.key(bucketOf[i], FlowBucket.first(matched[i])));
      }
    }
    approached = sum;
  }

  private long find(FlowBurst flows, int i) {
    long bucket = bucketOf[i];
    for (long matches = matched[i]; matches != 0; matches &= matches - 1) {
      int place = FlowBucket.first(matches);
      if (FlowBucket.isOf(FlowBucket.key(bucket, place), flows, i)) {
        long found = FlowBucket.join(bucket, place);
        return isLive(found, flows.tcpFlags[i]) ? found : UNKNOWN;
      }
    }
    return UNKNOWN;
  }

  @Override
  public long find(FlowKey flow, int hash, int tcpFlags) {
    long place = place(flow, hash);
    return place != UNKNOWN && isLive(place, tcpFlags) ? place : UNKNOWN;
  }

  /** Where a flow is, dead or alive, or {@link #UNKNOWN}. */
  private long place(FlowKey flow, int hash) {
    long bucket = bucket(hash);
    long matches = FlowBucket.matches(FlowBucket.tags(bucket), FlowBucket.tag(hash));
    while (matches != 0) {
      int place = FlowBucket.first(matches);
      if (FlowBucket.isOf(FlowBucket.key(bucket, place), flow)) {
        return FlowBucket.join(bucket, place);
      }
      matches &= matches - 1;
    }
    return UNKNOWN;
  }

  private boolean isLive(long found, int tcpFlags) {
    long bucket = FlowBucket.bucket(found);
    int place = FlowBucket.place(found);
    int state = FlowBucket.state(bucket, place);
    return !states.isOver(state, tick - FlowBucket.seen(bucket, place))
        && !(state == FlowState.TCP_CLOSING && FlowState.isSyn(tcpFlags));
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
    return TableReader.find(bucket(hash), flow, hash, states, atTick);
  }

  /** Shows each place with a flow in it. Any thread; what the worker changes may be missed. */
  void forEach(LongConsumer visitor) {
    for (int i = 0; i < buckets; i++) {
      long bucket = memory + (long) i * FlowBucket.BYTES;
      for (int place = 0; place < FlowBucket.PLACES; place++) {
        if (FlowBucket.tag(bucket, place) != 0) {
          visitor.accept(FlowBucket.join(bucket, place));
        }
      }
    }
  }

  /** Forgets the flow at a place. Any thread: a tag is a byte, which nobody else's store takes. */
  void forget(long found) {
    FlowPlaces.release(FlowBucket.bucket(found), FlowBucket.place(found));
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
    return FlowBucket.number(FlowBucket.key(FlowBucket.bucket(found), FlowBucket.place(found)));
  }

  @Override
  public void touch(long found, long backend, int tcpFlags) {
    hits++;
    renew(found, backend, tcpFlags);
  }

  @Override
  public void touchAll(FlowBurst flows, long[] founds, long[] backends) {
    int touched = 0;
    for (int i = 0; i < flows.count; i++) {
      if (founds[i] != UNKNOWN) {
        renew(founds[i], backends[i], flows.tcpFlags[i]);
        touched++;
      }
    }
    hits += touched;
  }

  private void renew(long found, long backend, int tcpFlags) {
    long bucket = FlowBucket.bucket(found);
    int place = FlowBucket.place(found);
    if (tick - FlowBucket.seen(bucket, place) >= NOTED_TICKS) {
      FlowBucket.putSeen(bucket, place, tick);
    }
    int state = FlowBucket.state(bucket, place);
    int next = FlowState.next(state, tcpFlags);
    if (next != state) {
      FlowBucket.putState(bucket, place, next);
    }
    long key = FlowBucket.key(bucket, place);
    if (FlowBucket.number(key) != backend) {
      FlowBucket.putNumber(key, backend);
    }
  }

  @Override
  public void add(FlowKey flow, int hash, int tcpFlags, long backend) {
    counters.add(missed(flow.protocol, tcpFlags), 1);
    long found = place(flow, hash);
    if (found != UNKNOWN) {
      if (isLive(found, tcpFlags) && backend(found) == backend) {
        renew(found, backend, tcpFlags); // added by an earlier packet of the batch
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
    long bucket = bucket(hash);
    int place = places.room(bucket, tick);
    long key = FlowBucket.key(bucket, place);
    FlowBucket.putKey(key, flow);
    FlowBucket.putNumber(key, backend);
    FlowBucket.putSeen(bucket, place, tick);
    FlowBucket.putState(bucket, place, FlowState.first(flow.protocol, tcpFlags));
    FlowBucket.putTag(bucket, place, FlowBucket.tag(hash));
    counters.add(FastPathCounter.FLOWS_INSERTED, 1);
  }

  /**
   * Takes a flow that somebody else has carried so far; before the first batch.
   *
   * @param backend its number
   */
  void adopt(FlowRecord flow, int hash, long backend) {
    long bucket = bucket(hash);
    long known = place(flow.flow, hash);
    int place = known == UNKNOWN ? places.room(bucket, tick) : FlowBucket.place(known);
    long key = FlowBucket.key(bucket, place);
    FlowBucket.putKey(key, flow.flow);
    FlowBucket.putNumber(key, backend);
    FlowBucket.putSeen(bucket, place, tick - FlowState.tick(flow.idleNanos));
    FlowBucket.putState(bucket, place, FlowState.of(flow));
    FlowBucket.putTag(bucket, place, FlowBucket.tag(hash));
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
    FlowPlaces.release(bucket, place);
    counters.add(
        isOver
            ? FastPathCounter.FLOWS_EXPIRED
            : isLive(found, tcpFlags)
                ? FastPathCounter.FLOWS_STALE
                : FastPathCounter.FLOWS_REOPENED,
        1);
  }

  @Override
  public void bypass(int packets) {
    counters.add(FastPathCounter.FLOWS_BYPASS, packets);
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

package io.synlev.fastpath;

import io.synlev.datapath.BatchDecider;
import io.synlev.datapath.OwnFlows;
import io.synlev.dpdk.Prefetch;
import io.synlev.memory.Memory;
import io.synlev.packet.FlowBurst;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Looks the flows of a burst up in a connection table, in passes between which the memory comes
 * near that the next one needs.
 *
 * <pre>
 *   hashes --approach--&gt; buckets on their way     (the caller has something else to do)
 *     | match tags                               --&gt; keys on their way
 *     | look at states and times
 *     | compare keys
 *   founds, backends, due
 * </pre>
 *
 * <p>Belongs to the table's worker. Hot: no allocation, no lock, no exception; changes nothing.
 */
final class BurstSearch {

  /** A bucket's address without the bits that are 0: shifts take the lowest six of what is left. */
  private static final int BUCKET_SHIFT = 6;

  private static final byte OVER = 0;

  /** One more if the packet is due. */
  private static final byte LIVE = 1;

  private final FlowMemory memory;
  private final FlowState states;

  /** The addresses that are to come near, 8 bytes each: of buckets, then of keys. */
  private final MemorySegment room =
      Arena.ofAuto().allocate(2L * BatchDecider.MAX_BATCH * Long.BYTES, Long.BYTES);

  private final long addresses = room.address();

  /** The first place of each flow's bucket with its tag, or {@link OwnFlows#UNKNOWN}. */
  private final long[] candidates = new long[BatchDecider.MAX_BATCH];

  /** The other places of the bucket with the tag, as {@link FlowBucket#matches} has them. */
  private final long[] others = new long[BatchDecider.MAX_BATCH];

  /**
   * A bit for each bucket, several having the same, with a flow that a packet of the burst may have
   * ended or begun: those behind it find another state than there was before the burst.
   */
  private long turning;

  /** What the states say of the candidates. */
  private final byte[] verdicts = new byte[BatchDecider.MAX_BATCH];

  /** The packets of found flows, by their index, that change a state or come after a while. */
  final int[] due = new int[BatchDecider.MAX_BATCH];

  int dueCount;

  BurstSearch(FlowMemory memory, FlowState states) {
    this.memory = memory;
    this.states = states;
  }

  /** As {@link OwnFlows#approach}. */
  void approach(int[] hashes, int count) {
    for (int i = 0; i < count; i++) {
      Memory.putLong(addresses + 8L * i, memory.bucket(hashes[i]));
    }
    Prefetch.all(addresses, count);
  }

  /** As {@link OwnFlows#findAll}, at a tick. */
  void findAll(FlowBurst flows, int[] hashes, int tick, long[] founds, long[] backends) {
    int count = flows.count;
    Prefetch.all(addresses, matchAll(hashes, count));
    checkAll(flows.tcpFlags, tick, count);
    compareAll(flows, tick, founds, backends);
  }

  /** Names the keys that may be the flows', and behind them others of the same tag. */
  private int matchAll(int[] hashes, int count) {
    int named = count;
    for (int i = 0; i < count; i++) {
      long bucket = memory.bucket(hashes[i]);
      long matches = FlowBucket.matches(FlowBucket.tags(bucket), FlowBucket.tag(hashes[i]));
      int place = FlowBucket.first(matches) & FlowBucket.PLACES - 1;
      candidates[i] = matches == 0 ? OwnFlows.UNKNOWN : FlowBucket.join(bucket, place);
      others[i] = matches & matches - 1;
      Memory.putLong(addresses + 8L * i, memory.key(bucket, place));
      if (others[i] != 0) {
        long other = memory.key(bucket, FlowBucket.first(others[i]));
        Memory.putLong(addresses + 8L * named++, other);
      }
    }
    return named;
  }

  private void checkAll(int[] tcpFlags, int tick, int count) {
    turning = 0;
    for (int i = 0; i < count; i++) {
      long candidate = candidates[i];
      verdicts[i] = candidate == OwnFlows.UNKNOWN ? OVER : check(candidate, tcpFlags[i], tick);
    }
  }

  private byte check(long candidate, int tcpFlags, int tick) {
    long bucket = FlowBucket.bucket(candidate);
    int place = FlowBucket.place(candidate);
    int state = FlowBucket.state(bucket, place);
    int idle = tick - FlowBucket.seen(bucket, place);
    if (!states.isLive(state, idle, tcpFlags)) {
      return OVER;
    }
    long bit = 1L << (bucket >>> BUCKET_SHIFT);
    boolean isOther = FlowState.next(state, tcpFlags) != state || (turning & bit) != 0;
    turning |= FlowState.isTurning(tcpFlags) ? bit : 0;
    // Whether it was noted long ago is anyone's guess: without a branch.
    int isLate = ConnectionTable.NOTED_TICKS - 1 - idle >>> Integer.SIZE - 1;
    return (byte) (LIVE + (isOther ? 1 : isLate));
  }

  private void compareAll(FlowBurst flows, int tick, long[] founds, long[] backends) {
    int dues = 0;
    for (int i = 0; i < flows.count; i++) {
      long found = candidates[i];
      if (found != OwnFlows.UNKNOWN) {
        long key = Memory.getLong(addresses + 8L * i);
        backends[i] = FlowBucket.number(key);
        if (!FlowBucket.isOf(key, flows, i)) {
          found = others[i] == 0 ? OwnFlows.UNKNOWN : findOther(flows, i, tick, backends);
        }
      }
      if (found == OwnFlows.UNKNOWN || verdicts[i] == OVER) {
        found = OwnFlows.UNKNOWN;
      } else {
        due[dues] = i;
        dues += verdicts[i] - LIVE;
      }
      founds[i] = found;
    }
    dueCount = dues;
  }

  /** Seldom: another flow of the bucket has the same tag. */
  private long findOther(FlowBurst flows, int i, int tick, long[] backends) {
    long bucket = FlowBucket.bucket(candidates[i]);
    for (long rest = others[i]; rest != 0; rest &= rest - 1) {
      int place = FlowBucket.first(rest);
      long key = memory.key(bucket, place);
      if (FlowBucket.isOf(key, flows, i)) {
        long found = FlowBucket.join(bucket, place);
        verdicts[i] = check(found, flows.tcpFlags[i], tick);
        backends[i] = FlowBucket.number(key);
        return found;
      }
    }
    return OwnFlows.UNKNOWN;
  }
}

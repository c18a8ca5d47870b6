package io.synlev.fastpath;

import io.synlev.datapath.OwnFlows;
import io.synlev.memory.Memory;
import io.synlev.packet.FlowKey;
import java.lang.invoke.VarHandle;

/**
 * Reads buckets that a worker on another thread may be changing. What it reads is checked for
 * having stayed: what changed meanwhile is not found. Neither allocates nor throws.
 */
final class TableReader {

  private TableReader() {}

  /**
   * The number of a live flow's backend.
   *
   * @param tick now
   * @return {@link OwnFlows#UNKNOWN} when it is not there
   */
  static long find(FlowMemory memory, FlowKey flow, int hash, FlowState states, int tick) {
    long bucket = memory.bucket(hash);
    int tag = FlowBucket.tag(hash);
    long matches = FlowBucket.matches(Memory.getLongAcquire(bucket), tag);
    while (matches != 0) {
      int place = FlowBucket.first(matches);
      long key = memory.key(bucket, place);
      if (FlowBucket.isOf(key, flow)) {
        long number = FlowBucket.number(key);
        // Another thread's clock may be a little ahead.
        int idle = Math.max(0, tick - FlowBucket.seen(bucket, place));
        boolean isOver = states.isOver(FlowBucket.state(bucket, place), idle);
        VarHandle.acquireFence();
        boolean hasStayed =
            FlowBucket.tag(bucket, place) == tag
                && FlowBucket.isOf(key, flow)
                && FlowBucket.number(key) == number;
        if (hasStayed && !isOver) {
          return number;
        }
      }
      matches &= matches - 1;
    }
    return OwnFlows.UNKNOWN;
  }
}

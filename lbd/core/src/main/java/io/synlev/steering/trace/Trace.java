package io.synlev.steering.trace;

import io.synlev.datapath.Decision;
import io.synlev.steering.View;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

/**
 * One person's look at the decisions: a filter, a rate, and a ring for each worker.
 *
 * <p>Workers {@link #offer}, each on its own thread; one thread at a time {@link #take}s. All
 * memory is taken in the constructor.
 */
public final class Trace {
  /** The most that is kept of a packet. */
  public static final int MOST_BYTES = 65_535;

  /** The most packets a second that a trace may have. */
  public static final int MOST_PER_SECOND = TraceRate.MOST;

  private final TraceTap[] taps;
  private final AtomicLong overRate = new AtomicLong();
  private final AtomicLong withoutRoom = new AtomicLong();
  private int next;

  /**
   * Makes one; {@link Traces#start} puts it in force.
   *
   * @param workers how many workers there are
   * @param perSecond how many packets a second of all workers together, 1 to {@link
   *     #MOST_PER_SECOND}
   * @param snapLength how many bytes of each packet are kept, 0 to {@link #MOST_BYTES}
   * @param nowNanos on {@link System#nanoTime()}'s scale
   */
  public Trace(int workers, TraceFilter filter, int perSecond, int snapLength, long nowNanos) {
    if (perSecond < 1 || perSecond > MOST_PER_SECOND) {
      throw new IllegalArgumentException(
          "rate " + perSecond + ": choose from 1 to " + MOST_PER_SECOND + " packets a second");
    }
    if (snapLength < 0 || snapLength > MOST_BYTES) {
      throw new IllegalArgumentException(
          "snap length " + snapLength + ": choose from 0 to " + MOST_BYTES + " bytes");
    }
    TraceRate rate = new TraceRate(perSecond, nowNanos);
    taps =
        IntStream.range(0, workers)
            .mapToObj(_ -> new TraceTap(filter, rate, snapLength, overRate, withoutRoom))
            .toArray(TraceTap[]::new);
  }

  /** Keeps what fits of a batch; the worker's thread. Allocates nothing. */
  void offer(
      int worker,
      View view,
      long[] addresses,
      int[] lengths,
      int count,
      long nowNanos,
      Decision[] decisions) {
    taps[worker].offer(view, addresses, lengths, count, nowNanos, decisions);
  }

  /**
   * Takes a packet out, the workers in turn.
   *
   * @return null if there is none
   */
  public TracedPacket take() {
    for (int i = 0; i < taps.length; i++) {
      int worker = (next + i) % taps.length;
      TracedPacket packet = taps[worker].take(worker);
      if (packet != null) {
        next = worker + 1;
        return packet;
      }
    }
    return null;
  }

  /** Packets that fitted and were over the rate. */
  public long overRate() {
    return overRate.get();
  }

  /** Packets that fitted and came while the ring was full: nobody read fast enough. */
  public long withoutRoom() {
    return withoutRoom.get();
  }
}

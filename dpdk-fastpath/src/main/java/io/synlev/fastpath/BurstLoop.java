package io.synlev.fastpath;

import io.synlev.datapath.Action;
import io.synlev.datapath.BatchDecider;
import io.synlev.datapath.Decision;
import io.synlev.datapath.HeldPackets;
import io.synlev.dpdk.PacketPool;
import io.synlev.dpdk.PortQueue;
import io.synlev.state.Prefix;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.function.Function;

/**
 * One step of a worker: receive a burst, decide, rewrite, send.
 *
 * <p>Every packet that is received is sent, answered, held or freed. Hot: no allocation, no lock,
 * no exception. Belongs to one thread at a time, which DPDK knows.
 */
final class BurstLoop {

  private final PortQueue in;
  private final PortQueue out;
  private final PacketPool pool;
  private final BatchDecider decider;
  private final Forwarder forwarder;
  private final Counters counters;
  private final boolean prepares;
  private final int burst;
  private final long received;
  private final Frames frames = new Frames();
  private final HeldMbufs held;

  /** Null when there is one worker. */
  private Handover handover;

  private final MbufList sending;
  private final MbufList answering;
  private final MbufList freeing;
  private Neighbourhood neighbourhood;

  /** Null when no pool's packets are translated. */
  private NatLane nat;

  /**
   * Allocates everything there will ever be.
   *
   * @param arena owns the tables
   * @param in where packets come from, and ICMP errors go to
   * @param out where packets to backends go; the same one with one arm
   * @param pool of the packets of {@code in}
   * @param burst most packets of one step, 1 to {@link BatchDecider#MAX_BATCH}
   * @param holding most fragments that wait at once
   * @param deciders makes the decider, given what holds packets for it
   */
  BurstLoop(
      Arena arena,
      PortQueue in,
      PortQueue out,
      PacketPool pool,
      int burst,
      int holding,
      Forwarder forwarder,
      boolean prepares,
      Counters counters,
      Function<HeldPackets, BatchDecider> deciders) {
    ForwardingOptions.check("burst", burst, 1, BatchDecider.MAX_BATCH);
    this.in = in;
    this.out = out;
    this.pool = pool;
    this.burst = burst;
    this.forwarder = forwarder;
    this.prepares = prepares;
    this.counters = counters;
    received = arena.allocate(8L * burst, 64).address();
    sending = new MbufList(arena, burst);
    answering = new MbufList(arena, burst);
    freeing = new MbufList(arena, burst);
    held = new HeldMbufs(arena, frames, pool, counters, holding);
    decider = deciders.apply(held);
  }

  /**
   * Has fragments brought to one worker, before the first step.
   *
   * @param rings null when there is only one worker
   */
  void join(Handover rings) {
    handover = rings;
  }

  /** Has what is for no backend dealt with; without one it is dropped. Before the first step. */
  void join(Neighbourhood others) {
    neighbourhood = others;
  }

  /** Has packets translated. Before the first step. */
  void join(NatLane lane) {
    nat = lane;
  }

  /**
   * Deals with the packets that wait.
   *
   * @param nowNanos the time on {@link System#nanoTime()}'s scale
   * @return how many there were
   */
  int step(long nowNanos) {
    int released = held.takeReleased(received, burst);
    int handed = handover == null ? 0 : handover.take(received + 8L * released, burst - released);
    int here = released + handed;
    int fresh = here < burst ? in.receive(received + 8L * here, burst - here) : 0;
    int count = here + fresh;
    if (count > 0) {
      process(count, released, handed, nowNanos);
      counters.add(FastPathCounter.RECEIVED, fresh);
      counters.add(FastPathCounter.BURSTS, 1);
    }
    if (nat != null) {
      count += nat.step(nowNanos);
    }
    return neighbourhood == null ? count : count + neighbourhood.step(decider, nowNanos);
  }

  private void process(int count, int released, int handed, long nowNanos) {
    frames.take(received, count, released, handed, freeing);
    int notIp = freeing.count();
    if (notIp > 0) {
      notIp(notIp, nowNanos);
    }
    if (nat != null) {
      nat.takeReplies(frames, nowNanos);
    }
    if (handover != null) {
      handover.give(frames, freeing);
    }
    if (frames.count > 0) {
      decider.decideBatch(
          frames.addresses, frames.lengths, frames.count, nowNanos, frames.decisions);
      if (nat != null) {
        nat.takeDecided(frames, nowNanos);
      }
      forwardAll(nowNanos);
    }
    finish();
  }

  private void notIp(int count, long nowNanos) {
    if (neighbourhood == null) {
      counters.add(FastPathCounter.NOT_IP, count);
    } else {
      neighbourhood.takeFrames(freeing, nowNanos);
    }
  }

  private void forwardAll(long nowNanos) {
    int toSend = 0;
    for (int i = 0; i < frames.count; i++) {
      Forwarder.Way way = frames.isKept(i) ? null : forward(i, frames.decisions[i], nowNanos);
      if (way == Forwarder.Way.SEND) {
        sending.put(toSend, frames.mbufs[i]);
        toSend++;
      } else if (way != null) {
        putAside(i, way, nowNanos);
      }
    }
    sending.setCount(toSend);
  }

  private Forwarder.Way forward(int index, Decision decision, long nowNanos) {
    return decision.action == Action.MARK
        ? forwarder.forward(
            frames.mbufs[index],
            frames.addresses[index],
            frames.lengths[index],
            frames.headers[index],
            decision,
            nowNanos)
        : Forwarder.Way.FREE;
  }

  /** Deals with a packet that is not sent to a backend now. */
  private void putAside(int index, Forwarder.Way way, long nowNanos) {
    long mbuf = frames.mbufs[index];
    Decision decision = frames.decisions[index];
    if (decision.action != Action.MARK) {
      withoutBackend(mbuf, index, decision, nowNanos);
    } else if (way == Forwarder.Way.ANSWER) {
      answering.add(mbuf);
    } else if (way == Forwarder.Way.WAIT) {
      neighbourhood.await(mbuf);
    } else {
      freeing.add(mbuf);
    }
  }

  private void withoutBackend(long mbuf, int index, Decision decision, long nowNanos) {
    if (neighbourhood == null) {
      boolean isDropped = decision.action == Action.DROP;
      counters.add(isDropped ? FastPathCounter.DROPPED : FastPathCounter.NOT_OURS, 1);
      freeing.add(mbuf);
    } else {
      neighbourhood.takePacket(mbuf, frames.headers[index], decision, nowNanos);
    }
  }

  private void finish() {
    int toSend = sending.count();
    int sent = sending.send(out, pool, prepares);
    counters.add(FastPathCounter.SENT, sent);
    int refused = toSend - sent;
    int toAnswer = answering.count();
    if (toAnswer > 0) {
      int answered = answering.send(in, pool, false);
      counters.add(FastPathCounter.ANSWERED, answered);
      refused += toAnswer - answered;
    }
    if (refused > 0) {
      counters.add(FastPathCounter.REFUSED, refused);
    }
    freeing.free(pool);
    if (nat != null) {
      nat.flush();
    }
    if (neighbourhood != null) {
      neighbourhood.flush();
    }
  }

  /** The VIPs in force; any thread. */
  List<Prefix> vips() {
    return decider.vips();
  }

  /** Frees what is still held; after the last step. */
  void close() {
    held.freeAll();
    if (nat != null) {
      nat.close();
    }
    if (neighbourhood != null) {
      neighbourhood.close();
    }
  }
}

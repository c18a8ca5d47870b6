package io.synlev.steering;

import io.synlev.datapath.Action;
import io.synlev.datapath.BatchDecider;
import io.synlev.datapath.Decision;
import io.synlev.datapath.FlowTable;
import io.synlev.datapath.HeldPackets;
import io.synlev.datapath.OwnFlows;
import io.synlev.datapath.Reason;
import io.synlev.hash.Seed;
import io.synlev.packet.PacketHeaders;
import io.synlev.packet.PacketParser;
import io.synlev.state.Instance;
import io.synlev.state.PoolCursor;
import io.synlev.state.Prefix;
import io.synlev.steering.fragment.FragmentOptions;
import java.util.List;

/**
 * Decides about packets: is it a service's? a fragment? an ICMP error? otherwise the table.
 *
 * <p>Belongs to one worker thread. Per packet nothing is allocated, locked or thrown, and nothing
 * outside the packet is read. The decision is a function of the packet's bytes, the view, the table
 * and the options.
 *
 * <p><b>Memory order.</b> The instance's epoch is odd while a writer changes what we read, and
 * grows before the first byte is overwritten and after the last was published. A batch reads the
 * epoch with acquire, so it sees everything published before; cursors then read the generation with
 * acquire, and the table and marks that belong to it plainly. A generation is overwritten only by
 * the next but one, whose writer has made the epoch grow before, with a full fence in between. So
 * if a plain read saw an overwritten byte, the epoch's new value was visible by then, and the
 * re-read behind the acquire fence finds it: the batch is decided again. When the re-read finds the
 * same epoch, every decision stands on a generation that was in force at some moment since the
 * batch arrived. Only then are they counted. Torn indices in between are harmless: the cursor
 * checks their range.
 *
 * <p>A batch is tried {@value #BATCH_TRIES} times, then each packet by itself {@value
 * #PACKET_TRIES} times, each under a fresh epoch. What fails even then is dropped as {@link
 * Reason#TORN_READ}; a writer would have to begin or end a change within each of those fractions of
 * a microsecond.
 */
public final class Steering implements BatchDecider {

  /** How often a batch is decided as a whole. */
  static final int BATCH_TRIES = 3;

  /** How often a packet is decided by itself after that. */
  static final int PACKET_TRIES = 16;

  private final Epoch epochs;
  private final Views views;
  private final int worker;
  private final PacketSteering packet;
  private final PacketHeaders headers;
  private final FlowTable flows;
  private final ReasonCounter counter;
  private final int markMask;
  private final boolean counting;

  /** Null when every flow is asked for: then all packets are decided one by one. */
  private final PlainLane lane;

  /** The indices of the packets that the lane left. */
  private final int[] others = new int[MAX_BATCH];

  private int otherCount;

  /** For each of those, the cursor of the pool whose backend it got, or null. */
  private final PoolCursor[] steeredBy = new PoolCursor[MAX_BATCH];

  /** Null when the datapath carries no flows itself. */
  private final FollowedFlows followed;

  /** Null when fragments are treated as the options say. */
  private final Fragments fragments;

  /** Null when no fragment is another balancer's. */
  private final Tier tier;

  /** For each of those, whether {@link #fragments} has the last word about it. */
  private final boolean[] isFragment = new boolean[MAX_BATCH];

  /** Whether the packet in hand is one to explain: from outside, and not counted. */
  private boolean isExplaining;

  /** For each of those, whether {@link #flows} learns of its flow. */
  private final boolean[] isNewFlow = new boolean[MAX_BATCH];

  /**
   * Makes the steering of one worker.
   *
   * @param worker the worker's number in {@code views} and of its counters
   * @param flows where live flows are known
   * @throws IllegalArgumentException if a mark in the options does not fit the instance's mask
   */
  public Steering(
      Instance instance, Views views, int worker, SteeringOptions options, FlowTable flows) {
    this(instance, views, worker, options, flows, null, null, new Epoch(instance), true);
  }

  /**
   * Makes the steering of one worker that gets whole fragments, and all of a datagram: it remembers
   * where the first one went, and holds those that come before it.
   *
   * @param packets holds packets for this worker
   * @throws IllegalArgumentException if a mark in the options does not fit the instance's mask
   */
  public Steering(
      Instance instance,
      Views views,
      int worker,
      SteeringOptions options,
      FlowTable flows,
      FragmentOptions fragmentOptions,
      HeldPackets packets) {
    this(
        instance,
        views,
        worker,
        options,
        flows,
        null,
        new Fragments(fragmentOptions, packets, instance.settings().seed()),
        new Epoch(instance),
        true);
  }

  /**
   * Makes the steering of one worker of a datapath that carries all packets of flows itself.
   *
   * @param flows the worker's
   * @param packets holds packets for this worker
   * @throws IllegalArgumentException if a mark in the options does not fit the instance's mask
   */
  public Steering(
      Instance instance,
      Views views,
      int worker,
      SteeringOptions options,
      OwnFlows flows,
      FragmentOptions fragmentOptions,
      HeldPackets packets) {
    this(
        instance,
        views,
        worker,
        options,
        FlowTable.EMPTY,
        flows,
        new Fragments(fragmentOptions, packets, instance.settings().seed()),
        new Epoch(instance),
        true);
  }

  /**
   * Makes one of given parts.
   *
   * @param own null if the datapath carries no flows itself
   * @param fragments null if fragments are treated as the options say
   * @param counting whether decisions are counted
   */
  Steering(
      Instance instance,
      Views views,
      int worker,
      SteeringOptions options,
      FlowTable flows,
      OwnFlows own,
      Fragments fragments,
      Epoch epochs,
      boolean counting) {
    this.epochs = epochs;
    this.views = views;
    this.worker = worker;
    this.flows = flows;
    this.fragments = fragments;
    this.counting = counting;
    this.markMask = instance.settings().markMask();
    this.counter = new ReasonCounter(counting ? instance.counters(worker) : null);
    Seed seed = instance.settings().seed();
    this.tier = fragments == null ? null : fragments.tier(worker, markMask, seed);
    this.followed = own == null ? null : new FollowedFlows(own, worker, markMask);
    this.packet =
        new PacketSteering(
            worker, markMask, seed, options, flows, followed, fragments != null, tier);
    this.lane =
        flows.isAskedAlways()
            ? null
            : new PlainLane(worker, markMask, seed, options.noBackend(), own);
    this.headers = packet.headers;
  }

  /**
   * Makes one for warming up: it does everything but count, so that made-up packets are nobody's.
   *
   * @param worker as in the constructor; that worker must not be at work meanwhile
   */
  public static Steering uncounted(
      Instance instance, Views views, int worker, SteeringOptions options) {
    Epoch epochs = new Epoch(instance);
    return new Steering(
        instance, views, worker, options, FlowTable.EMPTY, null, null, epochs, false);
  }

  /**
   * Makes one for explaining: as a worker, but it counts nothing.
   *
   * @param worker as in the constructor
   * @param flows where live flows are known
   * @param fragmentOptions null if fragments are treated as the options say
   * @param packets holds packets for it
   */
  public static Steering uncounted(
      Instance instance,
      Views views,
      int worker,
      SteeringOptions options,
      FlowTable flows,
      FragmentOptions fragmentOptions,
      HeldPackets packets) {
    Fragments fragments =
        fragmentOptions == null
            ? null
            : new Fragments(fragmentOptions, packets, instance.settings().seed());
    Epoch epochs = new Epoch(instance);
    return new Steering(instance, views, worker, options, flows, null, fragments, epochs, false);
  }

  @Override
  public int markMask() {
    return markMask;
  }

  @Override
  public List<Prefix> vips() {
    return views.current().vips();
  }

  @Override
  public void decideBatch(
      long[] addresses, int[] lengths, int count, long nowNanos, Decision[] out) {
    View view = views.enter(worker);
    try {
      if (followed != null) {
        followed.begin(nowNanos);
      }
      if (flows.isAskedAlways()) {
        flows.expect(addresses, lengths, count);
      }
      if (!decideAll(view, addresses, lengths, count, out)) {
        decideEach(view, addresses, lengths, count, out);
      }
      if (fragments != null) {
        fragments.use(view);
        fragments.settle(
            others, otherCount, isFragment, addresses, lengths, nowNanos, steeredBy, out);
        fragments.tidy(nowNanos, counter);
      }
      if (followed != null) {
        followed.end();
      }
      if (flows.isAskedAlways()) {
        addFlows(addresses, lengths, nowNanos, out);
      }
      if (counting) {
        count(out);
      }
    } finally {
      views.leave(worker);
    }
  }

  /**
   * Decides about one packet from outside and counts nothing: for explaining.
   *
   * @param address of the first byte of the IP header
   * @param length bytes that are there; 0 or less means none
   * @param nowNanos the time of arrival on {@link System#nanoTime()}'s scale
   */
  public void decide(long address, int length, long nowNanos, Decision out) {
    View view = views.enter(worker);
    try {
      otherCount = 0;
      packet.isFragment = false;
      isExplaining = true;
      decideAlone(view, new long[] {address}, new int[] {length}, 0, new Decision[] {out});
      if (packet.isFragment) {
        fragments.peek(headers, nowNanos, out);
      }
    } finally {
      isExplaining = false;
      views.leave(worker);
    }
  }

  /** Decides the batch under one epoch; false if that kept moving. */
  private boolean decideAll(View view, long[] addresses, int[] lengths, int count, Decision[] out) {
    for (int tries = 0; tries < BATCH_TRIES; tries++) {
      long epoch = epochs.read();
      otherCount = 0;
      steer(view, epoch, addresses, lengths, 0, count, out);
      if (epochs.isStill(epoch)) {
        stand(view, 0, addresses, lengths, out);
        return true;
      }
    }
    return false;
  }

  private void decideEach(View view, long[] addresses, int[] lengths, int count, Decision[] out) {
    otherCount = 0;
    for (int i = 0; i < count; i++) {
      decideAlone(view, addresses, lengths, i, out);
    }
  }

  private void decideAlone(View view, long[] addresses, int[] lengths, int i, Decision[] out) {
    int before = otherCount;
    for (int tries = 0; tries < PACKET_TRIES; tries++) {
      long epoch = epochs.read();
      otherCount = before;
      steer(view, epoch, addresses, lengths, i, i + 1, out);
      if (epochs.isStill(epoch)) {
        stand(view, before, addresses, lengths, out);
        return;
      }
    }
    otherCount = before;
    others[otherCount++] = i;
    steeredBy[i] = null;
    isFragment[i] = false;
    isNewFlow[i] = false;
    packet.isFragment = false;
    PacketSteering.withoutBackend(Outcome.DROP, Reason.TORN_READ, out[i]);
  }

  /** Decides about the packets from one index to before another; nothing else changes. */
  private void steer(
      View view, long epoch, long[] addresses, int[] lengths, int from, int to, Decision[] out) {
    int next = otherCount;
    otherCount =
        lane == null
            ? leaveAll(from, to)
            : lane.steer(view, epoch, addresses, lengths, from, to, out, others, otherCount);
    for (; next < otherCount; next++) {
      int i = others[next];
      packet.isFromOutside = isExplaining || tier != null && tier.isFromOutside(i);
      steeredBy[i] = packet.steer(view, epoch, addresses[i], lengths[i], out[i]);
      isFragment[i] = packet.isFragment;
      isNewFlow[i] = packet.isNewFlow;
      putDown(i);
    }
  }

  private void putDown(int index) {
    if (followed != null) {
      followed.put(index);
    }
  }

  private int leaveAll(int from, int to) {
    int left = otherCount;
    for (int i = from; i < to; i++) {
      others[left++] = i;
    }
    return left;
  }

  private void addFlows(long[] addresses, int[] lengths, long nowNanos, Decision[] out) {
    for (int j = 0; j < otherCount; j++) {
      int i = others[j];
      if (isNewFlow[i] && out[i].action == Action.MARK) {
        PacketParser.parse(addresses[i], lengths[i], headers);
        flows.add(headers.flow, out[i].mark, FollowedFlows.tcpFlags(headers));
      }
    }
    flows.commit(nowNanos);
  }

  /**
   * Counts, and tells about flows: the decisions stand.
   *
   * @param before the first index of {@link #others} that is new
   */
  private void stand(View view, int before, long[] addresses, int[] lengths, Decision[] out) {
    if (isExplaining) {
      return;
    }
    if (lane != null && counting) {
      lane.count(out, counter);
    }
    if (followed != null) {
      // What was found stays where it is until something is added.
      lane.touchFlows();
      followed.touch(others, before, otherCount, out);
      lane.addFlows();
      followed.add(others, before, otherCount, addresses, lengths);
    }
  }

  private void count(Decision[] out) {
    for (int j = 0; j < otherCount; j++) {
      int i = others[j];
      counter.add(out[i].reason);
      PoolCursor cursor = steeredBy[i];
      if (cursor != null) {
        cursor.count(out[i].backend);
      }
    }
    counter.flush();
  }
}

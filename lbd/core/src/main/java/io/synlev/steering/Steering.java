package io.synlev.steering;

import io.synlev.datapath.Action;
import io.synlev.datapath.BatchDecider;
import io.synlev.datapath.Decision;
import io.synlev.datapath.HeldPackets;
import io.synlev.datapath.Reason;
import io.synlev.packet.FlowKey;
import io.synlev.packet.HeaderStatus;
import io.synlev.packet.PacketHeaders;
import io.synlev.packet.PacketKind;
import io.synlev.packet.PacketParser;
import io.synlev.state.Instance;
import io.synlev.state.PoolCursor;
import io.synlev.steering.fragment.FragmentOptions;

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
  private final Rules rules;
  private final FlowHasher hasher;
  private final ReasonCounter counter;
  private final int markMask;
  private final boolean counting;
  private final PacketHeaders headers = new PacketHeaders();
  private final Match match = new Match();
  private final IcmpErrors errors = new IcmpErrors();

  /** For each packet of a batch, the cursor of the pool whose backend it got, or null. */
  private final PoolCursor[] steeredBy = new PoolCursor[MAX_BATCH];

  /** Null when fragments are treated as the options say. */
  private final Fragments fragments;

  /** For each packet of a batch, whether {@link #fragments} has the last word about it. */
  private final boolean[] isFragment = new boolean[MAX_BATCH];

  /** The same of the packet that was steered last. */
  private boolean lastIsFragment;

  /**
   * Makes the steering of one worker.
   *
   * @param worker the worker's number in {@code views} and of its counters
   * @throws IllegalArgumentException if a mark in the options does not fit the instance's mask
   */
  public Steering(Instance instance, Views views, int worker, SteeringOptions options) {
    this(instance, views, worker, options, new Epoch(instance));
  }

  Steering(Instance instance, Views views, int worker, SteeringOptions options, Epoch epochs) {
    this(instance, views, worker, options, (Fragments) null, epochs);
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
      FragmentOptions fragmentOptions,
      HeldPackets packets) {
    this(
        instance,
        views,
        worker,
        options,
        new Fragments(fragmentOptions, packets, instance.settings().seed()),
        new Epoch(instance));
  }

  Steering(
      Instance instance,
      Views views,
      int worker,
      SteeringOptions options,
      Fragments fragments,
      Epoch epochs) {
    this(instance, views, worker, options, fragments, epochs, true);
  }

  private Steering(
      Instance instance,
      Views views,
      int worker,
      SteeringOptions options,
      Fragments fragments,
      Epoch epochs,
      boolean counting) {
    this.fragments = fragments;
    this.counting = counting;
    this.epochs = epochs;
    this.views = views;
    this.worker = worker;
    this.markMask = instance.settings().markMask();
    this.rules = new Rules(options.checkMarks(markMask));
    this.hasher = new FlowHasher(instance.settings().seed());
    this.counter = new ReasonCounter(instance.counters(worker));
  }

  /**
   * Makes one for warming up: it does everything but count, so that made-up packets are nobody's.
   *
   * @param worker as in the constructor; that worker must not be at work meanwhile
   */
  public static Steering uncounted(
      Instance instance, Views views, int worker, SteeringOptions options) {
    return new Steering(instance, views, worker, options, null, new Epoch(instance), false);
  }

  @Override
  public int markMask() {
    return markMask;
  }

  @Override
  public void decideBatch(
      long[] addresses, int[] lengths, int count, long nowNanos, Decision[] out) {
    View view = views.enter(worker);
    try {
      if (!decideAll(view, addresses, lengths, count, out)) {
        decideEach(view, addresses, lengths, count, out);
      }
      if (fragments != null) {
        settleFragments(view, addresses, lengths, count, nowNanos, out);
      }
      if (counting) {
        count(count, out);
      }
    } finally {
      views.leave(worker);
    }
  }

  /**
   * Decides about one packet and counts nothing: for explaining.
   *
   * @param address of the first byte of the IP header
   * @param length bytes that are there; 0 or less means none
   * @param nowNanos the time of arrival on {@link System#nanoTime()}'s scale
   */
  public void decide(long address, int length, long nowNanos, Decision out) {
    View view = views.enter(worker);
    try {
      decideAlone(view, address, length, out);
      if (lastIsFragment) {
        fragments.peek(headers, nowNanos, out);
      }
    } finally {
      views.leave(worker);
    }
  }

  /** Decides the batch under one epoch; false if that kept moving. */
  private boolean decideAll(View view, long[] addresses, int[] lengths, int count, Decision[] out) {
    for (int tries = 0; tries < BATCH_TRIES; tries++) {
      long epoch = epochs.read();
      for (int i = 0; i < count; i++) {
        steeredBy[i] = steer(view, epoch, addresses[i], lengths[i], out[i]);
        isFragment[i] = lastIsFragment;
      }
      if (epochs.isStill(epoch)) {
        return true;
      }
    }
    return false;
  }

  private void decideEach(View view, long[] addresses, int[] lengths, int count, Decision[] out) {
    for (int i = 0; i < count; i++) {
      steeredBy[i] = decideAlone(view, addresses[i], lengths[i], out[i]);
      isFragment[i] = lastIsFragment;
    }
  }

  private PoolCursor decideAlone(View view, long address, int length, Decision out) {
    for (int tries = 0; tries < PACKET_TRIES; tries++) {
      long epoch = epochs.read();
      PoolCursor cursor = steer(view, epoch, address, length, out);
      if (epochs.isStill(epoch)) {
        return cursor;
      }
    }
    lastIsFragment = false;
    withoutBackend(Outcome.DROP, Reason.TORN_READ, out);
    return null;
  }

  /**
   * Stores, follows and holds, now that the decisions stand. First fragments come first, so that
   * those of the same batch need not be held.
   */
  private void settleFragments(
      View view, long[] addresses, int[] lengths, int count, long nowNanos, Decision[] out) {
    fragments.use(view);
    boolean anyLater = false;
    for (int i = 0; i < count; i++) {
      if (isFragment[i]) {
        PacketParser.parse(addresses[i], lengths[i], headers);
        if (headers.fragmentOffset == 0) {
          steeredBy[i] = fragments.first(headers, steeredBy[i], nowNanos, out[i]);
        } else {
          anyLater = true;
        }
      }
    }
    for (int i = 0; anyLater && i < count; i++) {
      if (isFragment[i]) {
        PacketParser.parse(addresses[i], lengths[i], headers);
        if (headers.fragmentOffset != 0) {
          steeredBy[i] = fragments.later(headers, i, addresses[i], lengths[i], nowNanos, out[i]);
        }
      }
    }
    fragments.tidy(nowNanos, counter);
  }

  private void count(int count, Decision[] out) {
    for (int i = 0; i < count; i++) {
      counter.add(out[i].reason);
      PoolCursor cursor = steeredBy[i];
      if (cursor != null) {
        cursor.count(out[i].backend);
      }
    }
    counter.flush();
  }

  /** Decides; returns the cursor of the pool whose backend the packet got, or null. */
  private PoolCursor steer(View view, long epoch, long address, int length, Decision out) {
    lastIsFragment = false;
    HeaderStatus status = PacketParser.parse(address, length, headers);
    if (!status.knowsAddresses()) {
      return withoutBackend(rules.malformed, Rules.reason(status), out);
    }
    // A first fragment is steered as its flow is, unless there is no memory for those that follow.
    boolean isLikeWhole = !headers.fragment || fragments != null && headers.fragmentOffset == 0;
    boolean knowsPorts = status == HeaderStatus.OK && isLikeWhole;
    boolean isOurs =
        knowsPorts ? view.match(headers, match) : view.matchWithoutPorts(headers, match);
    if (!isOurs) {
      // Later fragments have no ports and so may be a service's: they are to find this outcome.
      lastIsFragment =
          knowsPorts && headers.fragment && !match.cut && match.reason != Reason.NO_SERVICE;
      return match.cut
          ? withoutBackend(rules.malformed, Reason.TRUNCATED_L4_HEADER, out)
          : withoutBackend(rules.noService, match.reason, out);
    }
    if (headers.kind == PacketKind.ICMP_ERROR && !headers.fragment) {
      return steerError(view, epoch, address, length, out);
    }
    if (status != HeaderStatus.OK && !headers.fragment) {
      return withoutBackend(rules.malformed, Rules.reason(status), out);
    }
    if (!headers.fragment) {
      return treat(view, epoch, rules.treatment(headers.kind), reason(), out);
    }
    if (fragments == null) {
      return treat(view, epoch, rules.fragments, Reason.FRAGMENT, out);
    }
    if (status != HeaderStatus.OK) {
      return withoutBackend(Outcome.DROP, Rules.fragmentReason(status), out);
    }
    lastIsFragment = true;
    if (headers.fragmentOffset != 0) {
      return withoutBackend(Outcome.DROP, Reason.FRAGMENT, out); // settled when the batch stands
    }
    if (headers.kind == PacketKind.ICMP_ERROR) {
      return steerError(view, epoch, address, length, out);
    }
    return treat(view, epoch, rules.treatment(headers.kind), reason(), out);
  }

  private PoolCursor treat(
      View view, long epoch, Treatment treatment, Reason reason, Decision out) {
    return switch (treatment) {
      case BY_FLOW, BY_ADDRESSES ->
          byTable(view.target(worker, match.service), epoch, headers.flow, treatment, reason, out);
      case ACCEPT -> withoutBackend(Outcome.ACCEPT, reason, out);
      case DROP -> withoutBackend(Outcome.DROP, reason, out);
    };
  }

  private Reason reason() {
    return match.sctpOverUdp ? Reason.SCTP_OVER_UDP : Rules.reason(headers.kind);
  }

  /** An ICMP error to a VIP goes where the flow goes that it is about. */
  private PoolCursor steerError(View view, long epoch, long address, int length, Decision out) {
    Treatment treatment = rules.treatment(PacketKind.ICMP_ERROR);
    if (treatment == Treatment.ACCEPT || treatment == Treatment.DROP) {
      return withoutBackend(
          treatment == Treatment.ACCEPT ? Outcome.ACCEPT : Outcome.DROP, Reason.ICMP_ERROR, out);
    }
    Reason reason = errors.judge(address, length, headers);
    if (reason == Reason.ICMP_ERROR_BY_ADDRESSES) {
      treatment = Treatment.BY_ADDRESSES;
    } else if (reason != Reason.FORWARDED_ICMP_ERROR) {
      return withoutBackend(Outcome.DROP, reason, out);
    }
    boolean isOurs =
        treatment == Treatment.BY_FLOW
            ? view.match(errors.quoted(), match)
            : view.matchWithoutPorts(errors.quoted(), match);
    if (!isOurs) {
      return match.cut
          ? withoutBackend(Outcome.DROP, Reason.ICMP_ERROR_INNER_TRUNCATED, out)
          : withoutBackend(rules.noService, match.reason, out);
    }
    return byTable(
        view.target(worker, match.service), epoch, errors.flow(), treatment, reason, out);
  }

  private PoolCursor byTable(
      Target target, long epoch, FlowKey flow, Treatment treatment, Reason reason, Decision out) {
    PoolCursor cursor = target.cursor();
    cursor.refresh(epoch);
    int hash =
        treatment == Treatment.BY_FLOW
            ? hasher.hash(flow, match.ports, match.protocol, target.on())
            : hasher.byAddresses(flow);
    int backend = cursor.backend(hash);
    if (backend == PoolCursor.NONE) {
      withoutBackend(target.withoutBackend(rules.noBackend), Reason.NO_BACKEND, out);
      out.generation = cursor.generation();
      return null;
    }
    out.action = Action.MARK;
    out.mark = cursor.mark(backend) & markMask;
    out.backend = backend;
    out.reason = reason;
    out.generation = cursor.generation();
    return cursor;
  }

  private static PoolCursor withoutBackend(Outcome outcome, Reason reason, Decision out) {
    out.action = outcome.action();
    out.mark = outcome.mark();
    out.backend = PoolCursor.NONE;
    out.reason = reason;
    out.generation = 0;
    return null;
  }
}

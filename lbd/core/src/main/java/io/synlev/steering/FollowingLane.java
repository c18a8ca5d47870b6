package io.synlev.steering;

import io.synlev.datapath.BatchDecider;
import io.synlev.datapath.Decision;
import io.synlev.datapath.OwnFlows;
import io.synlev.datapath.Reason;
import io.synlev.packet.FlowBurst;
import io.synlev.packet.FlowKey;
import io.synlev.state.HashOn;
import io.synlev.state.Policy;
import io.synlev.state.PoolCursor;

/**
 * What {@link PlainLane} does where the datapath carries flows itself: look all flows up, decide
 * about those that are known, then ask the table for the others.
 *
 * <p>Belongs to one worker. Nothing is allocated, locked or thrown. Changes nothing but decisions
 * until {@link #touch} and {@link #add}; what is decided again has further turns. That does no
 * harm: the turns that are lost lie side by side, so each backend loses the same number but one.
 */
final class FollowingLane {

  private static final long NOWHERE = 0;

  private final int worker;
  private final int markMask;
  private final Outcome noBackend;
  private final OwnFlows own;
  private final LeastConnections least;
  private final FlowBurst flows;
  private final int[] indices;
  private final int[] services;

  private final FlowKey key = new FlowKey();
  private final int[] hashes;
  private final long[] founds = new long[BatchDecider.MAX_BATCH];
  private final long[] numbers = new long[BatchDecider.MAX_BATCH];

  /** Where the packets are to be counted, or {@link #NOWHERE}. */
  private final long[] counters = new long[BatchDecider.MAX_BATCH];

  private boolean isAnyRenumbered;
  private final int[] missing = new int[BatchDecider.MAX_BATCH];
  private int missingCount;

  /**
   * Makes one.
   *
   * @param flows the lane's, with the index of each packet and the service of each flow
   */
  FollowingLane(
      int worker,
      int markMask,
      Outcome noBackend,
      OwnFlows own,
      FlowBurst flows,
      int[] indices,
      int[] services,
      int[] hashes) {
    this.hashes = hashes;
    this.worker = worker;
    this.markMask = markMask;
    this.noBackend = noBackend;
    this.own = own;
    this.least = new LeastConnections(own);
    this.flows = flows;
    this.indices = indices;
    this.services = services;
  }

  /** Hashes all flows and begins to bring near what is known of them. */
  void approach(FlowHasher hasher) {
    for (int i = 0; i < flows.count; i++) {
      hashes[i] = hasher.hash(flows, i, HashOn.TUPLE);
    }
    own.approach(hashes, flows.count);
  }

  void decide(View view, long epoch, FlowHasher hasher, Decision[] out) {
    own.findAll(flows, hashes, founds, numbers);
    followAll(view.cursors(worker), epoch, out);
    least.begin();
    for (int j = 0; j < missingCount; j++) {
      askTable(view.targets(worker), epoch, hasher, missing[j], out);
    }
  }

  /** Decides about known flows; those that are not, or have no backend any more, are missing. */
  private void followAll(PoolCursor[] cursors, long epoch, Decision[] out) {
    missingCount = 0;
    isAnyRenumbered = false;
    for (int i = 0; i < flows.count; i++) {
      int place =
          founds[i] == OwnFlows.UNKNOWN ? -1 : BackendNumbers.place(cursors, epoch, numbers[i]);
      if (place >= 0) {
        follow(cursors[place], place, i, out[indices[i]]);
      } else {
        founds[i] = OwnFlows.UNKNOWN;
        missing[missingCount++] = i;
      }
    }
  }

  private void follow(PoolCursor cursor, int place, int i, Decision decision) {
    int backend = BackendNumbers.backend(numbers[i]);
    long number = BackendNumbers.at(place, numbers[i]);
    isAnyRenumbered |= number != numbers[i];
    numbers[i] = number;
    counters[i] = cursor.counter(backend);
    decision.service = services[i];
    FollowedFlows.follow(cursor, backend, markMask, hashes[i], decision);
  }

  private void askTable(Target[] targets, long epoch, FlowHasher hasher, int i, Decision[] out) {
    Target target = targets[services[i]];
    PoolCursor cursor = target.cursor();
    cursor.refresh(epoch);
    HashOn on = target.on();
    int hash = on == HashOn.TUPLE ? hashes[i] : hasher.hash(flows, i, on);
    int slot = cursor.policy().needsFlows() ? slotOnce(cursor, hash, i, out) : cursor.slot(hash);
    int backend = cursor.backendAt(slot);
    Decision decision = out[indices[i]];
    decision.service = services[i];
    decision.hash = hash;
    decision.slot = slot;
    target.decide(backend, markMask, PlainLane.reason(flows.protocol[i]), noBackend, decision);
    counters[i] = backend == PoolCursor.NONE ? NOWHERE : cursor.counter(backend);
    numbers[i] =
        backend == PoolCursor.NONE
            ? BackendNumbers.NONE
            : BackendNumbers.of(target.place(), cursor, backend);
  }

  /** The slot of a new flow that would be another one if it were asked for again. */
  private int slotOnce(PoolCursor cursor, int hash, int i, Decision[] out) {
    int twin = twin(i);
    if (twin >= 0) {
      return out[indices[twin]].slot;
    }
    return cursor.policy() == Policy.ROUND_ROBIN ? cursor.nextTurn() : least.slot(cursor, hash);
  }

  /** An earlier packet of the same new flow in the burst, which has its turn; -1 if none. */
  private int twin(int i) {
    for (int j = 0; missing[j] < i; j++) {
      int other = missing[j];
      if (hashes[other] == hashes[i] && services[other] == services[i] && flows.areSame(other, i)) {
        return other;
      }
    }
    return -1;
  }

  void count(Decision[] out, ReasonCounter counter) {
    counter.add(Reason.FOLLOWED_FLOW, flows.count - missingCount);
    for (int j = 0; j < missingCount; j++) {
      counter.add(out[indices[missing[j]]].reason);
    }
    counter.flush();
    for (int i = 0; i < flows.count; i++) {
      if (counters[i] != NOWHERE) {
        PoolCursor.count(counters[i]);
      }
    }
  }

  void touch() {
    if (isAnyRenumbered) {
      renumber();
    }
    own.touchAll(flows, founds, flows.count - missingCount);
  }

  private void renumber() {
    for (int i = 0; i < flows.count; i++) {
      if (founds[i] != OwnFlows.UNKNOWN) {
        own.renumber(founds[i], numbers[i]);
      }
    }
  }

  void add() {
    int bypasses = 0;
    for (int j = 0; j < missingCount; j++) {
      int i = missing[j];
      if (numbers[i] == BackendNumbers.NONE) {
        bypasses++;
      } else {
        flows.copy(i, key);
        own.add(key, hashes[i], flows.tcpFlags[i], numbers[i]);
      }
    }
    if (bypasses > 0) {
      own.bypass(bypasses);
    }
  }
}

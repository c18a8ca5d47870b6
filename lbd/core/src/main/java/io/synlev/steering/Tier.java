package io.synlev.steering;

import io.synlev.datapath.Action;
import io.synlev.datapath.Decision;
import io.synlev.datapath.HeldPackets;
import io.synlev.datapath.Reason;
import io.synlev.hash.Seed;
import io.synlev.packet.FlowKey;
import io.synlev.state.PoolCursor;

/**
 * Which balancer owns a fragment: routers may send the fragments of a datagram to different
 * balancers, and all of them have to meet in one memory.
 *
 * <p>The pool of balancers has a table as any pool has, the same on each balancer; the hash of the
 * addresses, which all fragments have in common, chooses the owner. Only what came from outside is
 * asked about. What another balancer sent stays here, and so does what was held here: so a fragment
 * is handed over at most once, however much the balancers' tables differ.
 *
 * <p>Belongs to one worker. Nothing is allocated, locked or thrown.
 */
final class Tier {

  private final int worker;
  private final int markMask;
  private final FlowHasher hasher;
  private final HeldPackets arrivals;
  private long owned;
  private long fromBalancers;

  /**
   * Makes one.
   *
   * @param seed the same on all balancers
   * @param arrivals knows where packets came from
   */
  Tier(int worker, int markMask, Seed seed, HeldPackets arrivals) {
    this.worker = worker;
    this.markMask = markMask;
    this.hasher = new FlowHasher(seed);
    this.arrivals = arrivals;
  }

  /** Whether the packet at an index of the batch may be another balancer's. */
  boolean isFromOutside(int index) {
    return !arrivals.isFromBalancer(index) && !arrivals.isReturned(index);
  }

  /**
   * Gives a fragment from outside to its owner, unless that is this balancer, or the table names
   * none.
   *
   * @param flow its addresses
   * @return the cursor of the pool of balancers, which counts for the owner; null if the fragment
   *     stays here, with {@code out} as it was
   */
  PoolCursor handOver(View view, long epoch, FlowKey flow, Decision out) {
    PoolCursor balancers = view.balancers(worker);
    if (balancers == null) {
      return null;
    }
    balancers.refresh(epoch);
    int hash = hasher.byAddresses(flow);
    int owner = balancers.backend(hash);
    if (owner == PoolCursor.NONE) {
      return null;
    }
    int mark = balancers.mark(owner) & markMask;
    if (mark == balancers.ownFwmark()) {
      return null;
    }
    out.action = Action.MARK;
    out.mark = mark;
    out.backend = owner;
    balancers.nextHop(owner, out.nextHop);
    out.reason = Reason.FRAGMENT_HANDED_OVER;
    out.generation = balancers.generation();
    out.service = Decision.NO_SERVICE; // the index is one of the pool of balancers
    out.hash = hash;
    out.slot = balancers.slot(hash);
    return balancers;
  }

  /** Notes where a fragment came from that stays here; only for decisions that stand. */
  void keep(int index) {
    if (arrivals.isFromBalancer(index)) {
      fromBalancers++;
    } else if (!arrivals.isReturned(index)) {
      owned++;
    }
  }

  /** Counts what was noted. */
  void count(ReasonCounter counter) {
    counter.add(Reason.FRAGMENT_OWNED, owned);
    counter.add(Reason.FRAGMENT_FROM_BALANCER, fromBalancers);
    owned = 0;
    fromBalancers = 0;
  }
}

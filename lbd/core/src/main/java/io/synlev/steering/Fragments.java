package io.synlev.steering;

import io.synlev.datapath.Action;
import io.synlev.datapath.Decision;
import io.synlev.datapath.HeldPackets;
import io.synlev.datapath.Reason;
import io.synlev.hash.FlowHash;
import io.synlev.hash.Seed;
import io.synlev.packet.PacketHeaders;
import io.synlev.packet.PacketParser;
import io.synlev.state.PoolCursor;
import io.synlev.steering.fragment.Coverage;
import io.synlev.steering.fragment.FragmentKey;
import io.synlev.steering.fragment.FragmentOptions;
import io.synlev.steering.fragment.FragmentTable;
import io.synlev.steering.fragment.HeldFragments;

/**
 * Makes the fragments of a datagram go where its first one went.
 *
 * <p>Called only with decisions that stand: what is stored here must not come from a table that was
 * changing. Belongs to one worker; no allocation, no lock, no exception.
 */
final class Fragments {

  private final FragmentKey key = new FragmentKey();
  private final FragmentTable table;
  private final HeldPackets packets;
  private final HeldFragments held;
  private final boolean isInTier;

  /** Null when there are no other balancers. */
  private Tier tier;

  private final PacketHeaders headers = new PacketHeaders();

  private final FirstDecisions firsts;

  private View inForce;

  private long evictedBefore;
  private long releasedBefore;
  private long lostBefore;
  private long expiredBefore;
  private long heldEvictedBefore;

  Fragments(FragmentOptions options, HeldPackets packets, Seed seed) {
    FlowHash hash = new FlowHash(seed);
    this.packets = packets;
    isInTier = options.tier();
    table = new FragmentTable(options.datagrams(), options.lifeNanos(), hash);
    held = new HeldFragments(options.heldFragments(), options.lifeNanos(), hash, packets);
    firsts = new FirstDecisions(options.datagrams());
  }

  /**
   * Makes what tells whose a fragment is; from then on those that stay here are counted by where
   * they came from.
   *
   * @return null if there are to be no other balancers
   */
  Tier tier(int worker, int markMask, Seed seed) {
    tier = isInTier ? new Tier(worker, markMask, seed, packets) : null;
    return tier;
  }

  /**
   * Must be called before the others in each batch. Pools of another view may be unmapped, and must
   * not be kept from it: their cursors are forgotten, and only counting suffers.
   */
  void use(View view) {
    if (view != inForce) {
      firsts.forgetCursors();
      inForce = view;
    }
  }

  /**
   * Stores, follows and holds, now that the decisions stand. First fragments come first, so that
   * those of the same batch need not be held.
   *
   * @param indices of packets of the batch, the fragments among them in order
   * @param count how many indices
   * @param isFragment which packets of the batch are looked at
   * @param steeredBy by packet, the cursor that counts for its backend, or null; changed
   */
  void settle(
      int[] indices,
      int count,
      boolean[] isFragment,
      long[] addresses,
      int[] lengths,
      long nowNanos,
      PoolCursor[] steeredBy,
      Decision[] out) {
    boolean anyLater = false;
    for (int j = 0; j < count; j++) {
      int i = indices[j];
      if (isFragment[i]) {
        if (tier != null) {
          tier.keep(i);
        }
        PacketParser.parse(addresses[i], lengths[i], headers);
        if (headers.fragmentOffset == 0) {
          steeredBy[i] = first(headers, steeredBy[i], nowNanos, out[i]);
        } else {
          anyLater = true;
        }
      }
    }
    for (int j = 0; anyLater && j < count; j++) {
      int i = indices[j];
      if (isFragment[i]) {
        PacketParser.parse(addresses[i], lengths[i], headers);
        if (headers.fragmentOffset != 0) {
          steeredBy[i] = later(headers, i, addresses[i], lengths[i], nowNanos, out[i]);
        }
      }
    }
  }

  /**
   * Remembers what was decided about a first fragment, unless one of the same flow is remembered
   * already: then that holds. Lets those go that waited for it.
   *
   * @param steeredBy the cursor that gave the backend, or null
   * @return the cursor that counts for the backend in {@code out}, or null
   */
  PoolCursor first(PacketHeaders headers, PoolCursor steeredBy, long nowNanos, Decision out) {
    key.set(headers);
    int entry = table.find(key, nowNanos);
    boolean again = entry != FragmentTable.NONE && firsts.isSame(entry, headers, out);
    if (again) {
      table.renew(entry, nowNanos);
    } else {
      entry = table.insert(key, nowNanos);
      firsts.remember(entry, headers, steeredBy, out);
    }
    Coverage coverage = table.cover(entry, headers.fragmentOffset, headers.fragmentLength);
    if (again) {
      follow(entry, reason(entry, coverage, Reason.FRAGMENT_FIRST), out);
    } else if (out.backend != PoolCursor.NONE) {
      out.reason = Reason.FRAGMENT_FIRST;
    }
    held.release(key, out.action != Action.DROP);
    return firsts.cursor(entry);
  }

  /**
   * Decides about a later fragment, or holds it.
   *
   * @param index the packet's in its batch
   * @param address of its IP header
   * @param length its bytes
   * @return the cursor that counts for the backend in {@code out}, or null
   */
  PoolCursor later(
      PacketHeaders headers, int index, long address, int length, long nowNanos, Decision out) {
    key.set(headers);
    int entry = table.find(key, nowNanos);
    if (entry != FragmentTable.NONE) {
      Coverage coverage = table.cover(entry, headers.fragmentOffset, headers.fragmentLength);
      follow(entry, reason(entry, coverage, Reason.FRAGMENT_FOLLOWED), out);
      return firsts.cursor(entry);
    }
    if (packets.isReturned(index)) {
      drop(Reason.FRAGMENT_RETURNED_LATE, out);
    } else if (held.hold(key, address, length, nowNanos)) {
      drop(Reason.FRAGMENT_HELD, out);
    } else {
      drop(Reason.FRAGMENT_TOO_LONG_TO_HOLD, out);
    }
    return null;
  }

  /** What {@link #first} or {@link #later} would say, without a trace. */
  void peek(PacketHeaders headers, long nowNanos, Decision out) {
    key.set(headers);
    int entry = table.find(key, nowNanos);
    boolean first = headers.fragmentOffset == 0;
    if (entry == FragmentTable.NONE) {
      if (!first) {
        drop(Reason.FRAGMENT_HELD, out);
      } else if (out.backend != PoolCursor.NONE) {
        out.reason = Reason.FRAGMENT_FIRST;
      }
    } else if (!first || firsts.isSame(entry, headers, out)) {
      follow(entry, reason(entry, Coverage.FRESH, Reason.FRAGMENT_FOLLOWED), out);
    }
  }

  private Reason reason(int entry, Coverage coverage, Reason fresh) {
    if (!firsts.isServed(entry)) {
      return Reason.FRAGMENT_UNSERVED;
    }
    return switch (coverage) {
      case FRESH -> fresh;
      case DUPLICATE -> Reason.FRAGMENT_DUPLICATE;
      case OVERLAP -> Reason.FRAGMENT_OVERLAP;
    };
  }

  private void follow(int entry, Reason reason, Decision out) {
    firsts.repeat(entry, out);
    out.reason = reason;
  }

  private static void drop(Reason reason, Decision out) {
    out.action = Action.DROP;
    out.mark = 0;
    out.backend = PoolCursor.NONE;
    out.nextHop.clear();
    out.generation = 0;
    out.reason = reason;
  }

  /** Forgets what has become too old, and counts what happened beside the decisions. */
  void tidy(long nowNanos, ReasonCounter counter) {
    table.expire(nowNanos, Steering.MAX_BATCH);
    held.expire(nowNanos);
    if (tier != null) {
      tier.count(counter);
    }
    counter.add(Reason.FRAGMENT_ENTRY_EVICTED, table.evicted() - evictedBefore);
    counter.add(Reason.FRAGMENT_RELEASED, held.released() - releasedBefore);
    counter.add(Reason.FRAGMENT_RELEASE_FAILED, held.lost() - lostBefore);
    counter.add(Reason.FRAGMENT_EXPIRED, held.expired() - expiredBefore);
    counter.add(Reason.FRAGMENT_EVICTED, held.evicted() - heldEvictedBefore);
    evictedBefore = table.evicted();
    releasedBefore = held.released();
    lostBefore = held.lost();
    expiredBefore = held.expired();
    heldEvictedBefore = held.evicted();
  }

  /** Fragments held, for tests of leaks. */
  int heldCount() {
    return held.size();
  }

  /** Datagrams remembered and fragments held, for tests of leaks. */
  int size() {
    return table.size() + held.size();
  }
}

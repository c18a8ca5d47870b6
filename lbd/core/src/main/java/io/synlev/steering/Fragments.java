package io.synlev.steering;

import io.synlev.datapath.Action;
import io.synlev.datapath.Decision;
import io.synlev.datapath.HeldPackets;
import io.synlev.datapath.Reason;
import io.synlev.hash.FlowHash;
import io.synlev.hash.Seed;
import io.synlev.packet.PacketHeaders;
import io.synlev.state.NextHop;
import io.synlev.state.PoolCursor;
import io.synlev.steering.fragment.Coverage;
import io.synlev.steering.fragment.FragmentKey;
import io.synlev.steering.fragment.FragmentOptions;
import io.synlev.steering.fragment.FragmentTable;
import io.synlev.steering.fragment.HeldFragments;
import java.util.Arrays;

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

  // By entry: what the first fragment was told.
  private final boolean[] accepts;
  private final boolean[] marks;
  private final int[] mark;
  private final int[] backend;
  private final long[] generation;
  private final NextHop[] nextHop;
  private final int[] flow;

  /** The cursor that counts for the backend, of the view in force; otherwise null. */
  private final PoolCursor[] cursor;

  private View inForce;

  private long evictedBefore;
  private long releasedBefore;
  private long lostBefore;
  private long expiredBefore;
  private long heldEvictedBefore;

  Fragments(FragmentOptions options, HeldPackets packets, Seed seed) {
    FlowHash hash = new FlowHash(seed);
    this.packets = packets;
    table = new FragmentTable(options.datagrams(), options.lifeNanos(), hash);
    held = new HeldFragments(options.heldFragments(), options.lifeNanos(), hash, packets);
    accepts = new boolean[options.datagrams()];
    marks = new boolean[options.datagrams()];
    mark = new int[options.datagrams()];
    backend = new int[options.datagrams()];
    generation = new long[options.datagrams()];
    flow = new int[options.datagrams()];
    nextHop = new NextHop[options.datagrams()];
    Arrays.setAll(nextHop, _ -> new NextHop());
    cursor = new PoolCursor[options.datagrams()];
  }

  /**
   * Must be called before the others in each batch. Pools of another view may be unmapped, and must
   * not be kept from it: their cursors are forgotten, and only counting suffers.
   */
  void use(View view) {
    if (view != inForce) {
      Arrays.fill(cursor, null);
      inForce = view;
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
    boolean again = entry != FragmentTable.NONE && isSame(entry, headers, out);
    if (again) {
      table.renew(entry, nowNanos);
    } else {
      entry = table.insert(key, nowNanos);
      remember(entry, headers, steeredBy, out);
    }
    Coverage coverage = table.cover(entry, headers.fragmentOffset, headers.fragmentLength);
    if (again) {
      follow(entry, reason(entry, coverage, Reason.FRAGMENT_FIRST), out);
    } else if (out.backend != PoolCursor.NONE) {
      out.reason = Reason.FRAGMENT_FIRST;
    }
    held.release(key, out.action != Action.DROP);
    return cursor[entry];
  }

  /** Another flow, or one that is served now and was not: then the identification was reused. */
  private boolean isSame(int entry, PacketHeaders headers, Decision out) {
    return flow[entry] == flow(headers)
        && (backend[entry] != PoolCursor.NONE || out.backend == PoolCursor.NONE);
  }

  /** Ports and protocol in one; two that share it share the identification by accident. */
  private static int flow(PacketHeaders headers) {
    return headers.flow.ports * 31 + headers.flow.protocol;
  }

  private void remember(int entry, PacketHeaders headers, PoolCursor steeredBy, Decision out) {
    accepts[entry] = out.action == Action.ACCEPT;
    marks[entry] = out.action == Action.MARK;
    mark[entry] = out.mark;
    backend[entry] = out.backend;
    generation[entry] = out.generation;
    nextHop[entry].copy(out.nextHop);
    flow[entry] = flow(headers);
    cursor[entry] = steeredBy;
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
      return cursor[entry];
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
    } else if (!first || isSame(entry, headers, out)) {
      follow(entry, reason(entry, Coverage.FRESH, Reason.FRAGMENT_FOLLOWED), out);
    }
  }

  private Reason reason(int entry, Coverage coverage, Reason fresh) {
    if (backend[entry] == PoolCursor.NONE) {
      return Reason.FRAGMENT_UNSERVED;
    }
    return switch (coverage) {
      case FRESH -> fresh;
      case DUPLICATE -> Reason.FRAGMENT_DUPLICATE;
      case OVERLAP -> Reason.FRAGMENT_OVERLAP;
    };
  }

  private void follow(int entry, Reason reason, Decision out) {
    out.action = marks[entry] ? Action.MARK : accepts[entry] ? Action.ACCEPT : Action.DROP;
    out.mark = mark[entry];
    out.backend = backend[entry];
    out.generation = generation[entry];
    out.nextHop.copy(nextHop[entry]);
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

  /** Datagrams remembered and fragments held, for tests of leaks. */
  int size() {
    return table.size() + held.size();
  }
}

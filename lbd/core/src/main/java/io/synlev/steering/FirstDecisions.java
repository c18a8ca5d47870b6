package io.synlev.steering;

import io.synlev.datapath.Action;
import io.synlev.datapath.Decision;
import io.synlev.packet.PacketHeaders;
import io.synlev.state.NextHop;
import io.synlev.state.PoolCursor;
import java.util.Arrays;

/**
 * What the first fragment of each datagram was told, by entry of a table: parallel arrays.
 *
 * <p>Belongs to one worker; no allocation after the constructor.
 */
final class FirstDecisions {

  private final boolean[] accepts;
  private final boolean[] marks;
  private final int[] mark;
  private final int[] backend;
  private final long[] generation;
  private final NextHop[] nextHop;
  private final int[] flow;

  /** The cursor that counts for the backend, of the view in force; otherwise null. */
  private final PoolCursor[] cursor;

  /** Allocates everything there will ever be. */
  FirstDecisions(int entries) {
    accepts = new boolean[entries];
    marks = new boolean[entries];
    mark = new int[entries];
    backend = new int[entries];
    generation = new long[entries];
    nextHop = new NextHop[entries];
    Arrays.setAll(nextHop, _ -> new NextHop());
    flow = new int[entries];
    cursor = new PoolCursor[entries];
  }

  /** Pools of a former view may be unmapped: only counting suffers. */
  void forgetCursors() {
    Arrays.fill(cursor, null);
  }

  void remember(int entry, PacketHeaders headers, PoolCursor steeredBy, Decision out) {
    accepts[entry] = out.action == Action.ACCEPT;
    marks[entry] = out.action == Action.MARK;
    mark[entry] = out.mark;
    backend[entry] = out.backend;
    generation[entry] = out.generation;
    nextHop[entry].copy(out.nextHop);
    flow[entry] = flow(headers);
    cursor[entry] = steeredBy;
  }

  /** Says the same again, but for the reason. */
  void repeat(int entry, Decision out) {
    out.action = marks[entry] ? Action.MARK : accepts[entry] ? Action.ACCEPT : Action.DROP;
    out.mark = mark[entry];
    out.backend = backend[entry];
    out.generation = generation[entry];
    out.nextHop.copy(nextHop[entry]);
  }

  /**
   * Whether a first fragment is of the same flow, and served now only if it was; otherwise the
   * identification was used again.
   */
  boolean isSame(int entry, PacketHeaders headers, Decision out) {
    return flow[entry] == flow(headers)
        && (backend[entry] != PoolCursor.NONE || out.backend == PoolCursor.NONE);
  }

  /** Ports and protocol in one; two that share it share the identification by accident. */
  private static int flow(PacketHeaders headers) {
    return headers.flow.ports * 31 + headers.flow.protocol;
  }

  boolean isServed(int entry) {
    return backend[entry] != PoolCursor.NONE;
  }

  /** The cursor that counts for the backend, or null. */
  PoolCursor cursor(int entry) {
    return cursor[entry];
  }
}

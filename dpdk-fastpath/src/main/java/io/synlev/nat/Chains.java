package io.synlev.nat;

import io.synlev.memory.Memory;
import io.synlev.packet.FlowKey;

/**
 * Finds sessions by what their clients send: chains of sessions whose hashes end alike. Never full,
 * so no session makes room for want of a place. Belongs to the table's worker; {@link
 * SessionReader} follows chains on other threads. Hot.
 */
final class Chains {

  private final long memory;
  private final long heads;
  private final int mask;

  Chains(long memory, Layout layout) {
    this.memory = memory;
    heads = memory + layout.chainsAt;
    mask = layout.chains - 1;
  }

  /** Where the first session with a hash is named. */
  long head(int hash) {
    return heads + 4L * (hash & mask);
  }

  /** The first session with a hash like this one, or 0. */
  int first(int hash) {
    return Memory.getInt(head(hash));
  }

  private long address(int session) {
    return memory + (long) session * Session.BYTES;
  }

  /** The session of a flow, alive or over, or 0. */
  int find(FlowKey flow, int hash) {
    int session = first(hash);
    while (session != 0 && !Session.isOf(address(session), flow)) {
      session = Session.next(address(session));
    }
    return session;
  }

  /** Lets a session that nobody sees yet lead to those that are there. */
  void prepare(int session, int hash) {
    Memory.putInt(address(session), Session.NEXT, first(hash));
  }

  /** Makes a session that was prepared, and is complete, the first one. */
  void add(int session, int hash) {
    Memory.putIntRelease(head(hash), session);
  }

  /** Takes a session out. */
  void remove(int session, int hash) {
    int next = Session.next(address(session));
    long head = head(hash);
    int before = Memory.getInt(head);
    if (before == session) {
      Memory.putIntRelease(head, next);
      return;
    }
    while (Session.next(address(before)) != session) {
      before = Session.next(address(before));
    }
    Memory.putIntRelease(address(before) + Session.NEXT, next);
  }
}

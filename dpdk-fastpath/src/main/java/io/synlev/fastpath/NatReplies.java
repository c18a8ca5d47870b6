package io.synlev.fastpath;

import io.synlev.dpdk.Mbuf;
import io.synlev.memory.Memory;
import io.synlev.nat.NatOutcome;
import io.synlev.nat.Translator;
import java.lang.foreign.Arena;

/**
 * What backends of translated pools reply: recognised by its destination, brought to the worker
 * that has the session, translated and sent to the client. Belongs to one worker. Hot: no
 * allocation.
 */
final class NatReplies {

  private static final int AT_ONCE = 32;

  private final int worker;
  private final Translator translator;
  private final NatPaths paths;

  /** The packet in hand, for {@link #held}. */
  private final Frames one;

  /** Later fragments whose first one has not come. */
  private final HeldMbufs held;

  private final long released;
  private Handover handover;

  /**
   * Makes them.
   *
   * @param one the burst of {@code held}, which {@code translator} has, too
   */
  NatReplies(
      Arena arena, int worker, Translator translator, NatPaths paths, Frames one, HeldMbufs held) {
    this.worker = worker;
    this.translator = translator;
    this.paths = paths;
    this.one = one;
    this.held = held;
    released = arena.allocate(8L * AT_ONCE, 8).address();
  }

  /** Has sessions looked for at their own workers. */
  void join(Handover rings) {
    handover = rings;
  }

  /** Takes replies out of a burst, before it is decided about. */
  void take(Frames frames, long nowNanos) {
    int kept = frames.returned; // those are clients'
    int here = frames.here;
    for (int i = frames.returned; i < frames.count; i++) {
      boolean isHanded = i < frames.here;
      if (take(frames.mbufs[i], frames.headers[i], frames.lengths[i], isHanded, nowNanos)) {
        here -= isHanded ? 1 : 0;
      } else {
        frames.move(i, kept++);
      }
    }
    frames.count = kept;
    frames.here = here;
  }

  /**
   * Takes a packet if it is a reply.
   *
   * @param l2 bytes before it
   * @param there bytes that are there from that on
   * @param isHanded whether another worker has brought it here
   */
  boolean take(long mbuf, int l2, int there, boolean isHanded, long nowNanos) {
    long packet = Mbuf.data(mbuf) + l2;
    int owner = translator.owner(packet, there);
    if (owner == Translator.NOT_SOURCE || owner == Translator.NOBODY) {
      return false;
    }
    if (isHanded || handover == null || !isHandedOver(mbuf, packet, there, owner)) {
      translate(mbuf, packet, there, l2, false, nowNanos);
    }
    return true;
  }

  /**
   * Brings a packet to the worker that has its session; fragments, of which only the first one
   * names it, to the one that their addresses name.
   *
   * @return false if that is this one
   */
  private boolean isHandedOver(long mbuf, long packet, int there, int owner) {
    int to = Handover.isFragment(packet, there) ? handover.owner(packet, there) : owner;
    if (to == worker || to == Translator.FRAGMENT) {
      return false;
    }
    if (!handover.give(mbuf, to)) {
      paths.free(mbuf);
    }
    return true;
  }

  private void translate(
      long mbuf, long packet, int there, int l2, boolean isReturned, long nowNanos) {
    if (paths.turnsBack(mbuf, packet, there, l2, true, nowNanos)) {
      return;
    }
    one.takeOne(mbuf, packet, isReturned);
    NatOutcome outcome = translator.toClient(packet, there, nowNanos);
    if (outcome == NatOutcome.TRANSLATED) {
      paths.toClient(mbuf, packet, l2, translator.clientMac);
    } else if (outcome != NatOutcome.HELD) {
      paths.free(mbuf); // the translator has counted it
    }
  }

  /** Lets held fragments go whose first one has come; how many. */
  int step(long nowNanos) {
    int count = held.takeReleased(released, AT_ONCE);
    for (int i = 0; i < count; i++) {
      long mbuf = Memory.getLong(released + 8L * i);
      long frame = Mbuf.data(mbuf);
      int length = Mbuf.dataLength(mbuf);
      int l2 = Ethernet.headerLength(frame, length);
      translate(mbuf, frame + l2, length - l2, l2, true, nowNanos);
    }
    return count;
  }

  /** Frees what is still held; after the last step. */
  void close() {
    held.freeAll();
  }
}

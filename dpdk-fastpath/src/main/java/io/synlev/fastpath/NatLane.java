package io.synlev.fastpath;

import io.synlev.datapath.Action;
import io.synlev.datapath.BatchDecider;
import io.synlev.datapath.Decision;
import io.synlev.datapath.Reason;
import io.synlev.dpdk.Mbuf;
import io.synlev.dpdk.PacketPool;
import io.synlev.memory.Memory;
import io.synlev.nat.NatOutcome;
import io.synlev.nat.NatTables;
import io.synlev.nat.Translator;
import io.synlev.state.Forwarding;
import io.synlev.state.NextHop;
import io.synlev.steering.fragment.FragmentOptions;
import java.lang.foreign.Arena;
import java.net.InetAddress;

/**
 * The translated packets of one worker, both ways: docs/dpdk-nat.md.
 *
 * <pre>
 *   from clients --- decided ---- translated ---- aged, the session's backend's MAC ----> backends
 *   clients <---- aged, the MAC that the client's last packet came from ---- translated --- replies
 * </pre>
 *
 * <p>A worker without pools to translate has none, and pays for none. Hot: no allocation, no lock,
 * no exception.
 */
final class NatLane {

  private final Translator translator;
  private final Forwarder forwarder;
  private final NatPaths paths;
  private final NatReplies replies;

  private final long[] packets = new long[BatchDecider.MAX_BATCH];
  private final int[] lengths = new int[BatchDecider.MAX_BATCH];

  /** The indices of later fragments in a burst. */
  private final int[] later = new int[BatchDecider.MAX_BATCH];

  /**
   * Makes one.
   *
   * @param tables of all workers
   * @param forwarder finds backends' Ethernet addresses
   * @param holding most fragments of replies that wait at once
   */
  NatLane(
      Arena arena,
      int worker,
      NatTables tables,
      Forwarder forwarder,
      NatPaths paths,
      PacketPool pool,
      int holding,
      Counters counters) {
    this.forwarder = forwarder;
    this.paths = paths;
    Frames one = new Frames();
    HeldMbufs held = new HeldMbufs(arena, one, pool, counters, holding);
    translator = new Translator(tables, worker, FragmentOptions.DEFAULT, held);
    replies = new NatReplies(arena, worker, translator, paths, one, held);
  }

  /** Has replies brought to the workers that have their sessions. */
  void join(Handover rings) {
    replies.join(rings);
  }

  /** Takes replies out of a burst, before it is decided about. */
  void takeReplies(Frames frames, long nowNanos) {
    translator.approach(frames.addresses, frames.lengths, frames.count);
    replies.take(frames, nowNanos);
  }

  /**
   * Brings the sessions of frames from the backends' own link near, before each is taken.
   *
   * @param table of the mbufs' addresses
   * @param count at most {@link BatchDecider#MAX_BATCH}
   */
  void approach(long table, int count) {
    for (int i = 0; i < count; i++) {
      long mbuf = Memory.getLong(table + 8L * i);
      long frame = Mbuf.data(mbuf);
      int length = Mbuf.dataLength(mbuf);
      int l2 = Ethernet.headerLength(frame, length);
      packets[i] = frame + l2;
      lengths[i] = l2 == 0 ? 0 : length - l2;
    }
    translator.approach(packets, lengths, count);
  }

  /**
   * Takes a packet from the backends' own link, if it is a reply.
   *
   * @param l2 bytes before it
   * @param there bytes that are there from that on
   */
  boolean takeReply(long mbuf, int l2, int there, long nowNanos) {
    return replies.take(mbuf, l2, there, false, nowNanos);
  }

  /** Takes out of a burst what was given to backends that are to be translated. */
  void takeDecided(Frames frames, long nowNanos) {
    int laterOnes = 0;
    for (int i = 0; i < frames.count; i++) {
      Decision decision = frames.decisions[i];
      if (decision.action == Action.MARK
          && decision.nextHop.forwarding == Forwarding.NAT
          && decision.nextHop.isKnown
          && !frames.isKept(i)) {
        frames.keep(i);
        if (Handover.isLater(frames.addresses[i], frames.lengths[i])) {
          later[laterOnes++] = i;
        } else {
          forward(frames, i, nowNanos);
        }
      }
    }
    // Steering lets them follow a first one that is behind them in the burst.
    for (int i = 0; i < laterOnes; i++) {
      forward(frames, later[i], nowNanos);
    }
  }

  private void forward(Frames frames, int index, long nowNanos) {
    long mbuf = frames.mbufs[index];
    long packet = frames.addresses[index];
    int there = frames.lengths[index];
    int l2 = frames.headers[index];
    Decision decision = frames.decisions[index];
    if (paths.turnsBack(mbuf, packet, there, l2, false, nowNanos)) {
      return;
    }
    if (Echo.isRequest(packet, there)) {
      paths.answerPing(mbuf, l2, nowNanos);
      return;
    }
    boolean isIpv4 = Ip.startsIpv4(Ip.start(packet));
    NatOutcome outcome =
        translator.toBackend(
            packet,
            there,
            decision.nextHop,
            0,
            number(decision.mark, decision.nextHop, isIpv4),
            decision.reason == Reason.FOLLOWED_FLOW,
            Ethernet.from(packet - l2),
            nowNanos);
    if (outcome == NatOutcome.TRANSLATED) {
      send(mbuf, packet, l2, isIpv4, nowNanos);
    } else {
      paths.free(mbuf); // the translator has counted it
    }
  }

  private void send(long mbuf, long packet, int l2, boolean isIpv4, long nowNanos) {
    NextHop hop = translator.nextHop;
    long to = hop.mac != 0 ? hop.mac : forwarder.lookUp(hop, isIpv4, nowNanos);
    if (to == 0 && !forwarder.isAwaited()) {
      paths.free(mbuf, FastPathCounter.NO_NEXT_HOP);
    } else {
      paths.toBackend(mbuf, packet, l2, to);
    }
  }

  private static long number(int mark, NextHop hop, boolean isIpv4) {
    return isIpv4
        ? number(mark, 0, LocalAddresses.mapped(hop.ipv4))
        : number(mark, hop.ipv6High, hop.ipv6Low);
  }

  /**
   * A backend's number for sessions: its mark, and bits of its address, so that it does not get the
   * sessions of another one that had the mark before.
   */
  static long number(int mark, InetAddress address) {
    return number(mark, LocalAddresses.high(address), LocalAddresses.low(address));
  }

  private static long number(int mark, long high, long low) {
    long mixed = high * 31 + low;
    return (long) mark << 32 | (mixed ^ mixed >>> 32) & 0xffff_ffffL;
  }

  /** Ends what is over, and deals with what has waited; how many packets that were. */
  int step(long nowNanos) {
    translator.sweep(nowNanos);
    int count = replies.step(nowNanos);
    if (count > 0) {
      flush();
    }
    return count;
  }

  /** Sends what has gathered. */
  void flush() {
    paths.flush();
  }

  /** Frees what is still held; after the last step. */
  void close() {
    replies.close();
  }
}

package io.synlev.fastpath;

import io.synlev.datapath.Action;
import io.synlev.datapath.Decision;
import io.synlev.dpdk.Mbuf;
import io.synlev.memory.Memory;
import io.synlev.state.Forwarding;
import java.lang.foreign.Arena;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Rewriting 64 packets of 64 bytes for their backends. Memory that looks like mbufs does; no DPDK
 * is needed. Every row holds what it takes to undo the row's work: see {@link #undoOnly}.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class RewriteBenchmark {
  private static final int BATCH = 64;
  private static final int ROOM = 2304;
  private static final int FRAME = 64;
  private static final int L2 = Ethernet.HEADER;

  /** buf_addr and nb_segs in struct rte_mbuf, rte_mbuf_core.h of DPDK 22.11. */
  private static final int BUF_ADDR = 0;

  private static final int NB_SEGS = 20;

  private final Arena arena = Arena.ofShared();
  private final long[] mbufs = new long[BATCH];
  private final Decision[] switched = new Decision[BATCH];
  private final Decision[] tunnelled = new Decision[BATCH];
  private final Forwarder forwarder =
      new Forwarder(ForwardingOptions.DEFAULT, 0x02cc_0000_0001L, new Counters());

  /** Makes UDP packets and decisions, each for another backend. */
  @Setup
  public void make() {
    long memory = arena.allocate((long) BATCH * ROOM, 64).address();
    for (int i = 0; i < BATCH; i++) {
      long mbuf = memory + (long) i * ROOM;
      mbufs[i] = mbuf;
      Memory.putLong(mbuf, BUF_ADDR, mbuf + 128);
      Memory.putShort(mbuf, NB_SEGS, (short) 1);
      undo(mbuf);
      long packet = Mbuf.data(mbuf) + L2;
      Memory.putIntBe(packet, 0, 0x45 << 24 | FRAME - L2);
      Memory.putIntBe(packet, 8, 64 << 24 | 17 << 16);
      switched[i] = decision(i, Forwarding.L2DSR);
      tunnelled[i] = decision(i, Forwarding.IPIP);
    }
  }

  private static Decision decision(int backend, Forwarding forwarding) {
    Decision decision = new Decision();
    decision.action = Action.MARK;
    decision.hash = backend * 0x0765_4321;
    decision.nextHop.isKnown = true;
    decision.nextHop.forwarding = forwarding;
    decision.nextHop.mac = 0x02bb_0000_0000L + backend;
    decision.nextHop.hasIpv4 = true;
    decision.nextHop.ipv4 = 0x0a01_0000 + backend;
    return decision;
  }

  /** Gives the memory back. */
  @TearDown
  public void free() {
    arena.close();
  }

  private static void undo(long mbuf) {
    Mbuf.setHeadroom(mbuf, Mbuf.HEADROOM);
    Mbuf.setLength(mbuf, FRAME);
    Memory.putByte(Mbuf.data(mbuf) + L2 + 8, (byte) 64);
  }

  /** What to subtract. */
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public void undoOnly() {
    for (int i = 0; i < BATCH; i++) {
      undo(mbufs[i]);
    }
  }

  /** Two addresses, one hop less. */
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public int l2dsr() {
    return forward(switched);
  }

  /** A header before the packet, one hop less. */
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public int ipip() {
    return forward(tunnelled);
  }

  private int forward(Decision[] decisions) {
    // First all, so that no read waits for a narrower write just before it.
    for (int i = 0; i < BATCH; i++) {
      undo(mbufs[i]);
    }
    int sent = 0;
    for (int i = 0; i < BATCH; i++) {
      long mbuf = mbufs[i];
      long packet = Mbuf.data(mbuf) + L2;
      Forwarder.Way way = forwarder.forward(mbuf, packet, FRAME - L2, L2, decisions[i], 0);
      sent += way == Forwarder.Way.SEND ? 1 : 0;
    }
    if (sent != BATCH) {
      throw new IllegalStateException(sent + " packets to send of " + BATCH);
    }
    return sent;
  }
}

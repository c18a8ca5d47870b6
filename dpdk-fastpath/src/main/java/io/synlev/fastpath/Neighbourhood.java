package io.synlev.fastpath;

import io.synlev.datapath.Action;
import io.synlev.datapath.BatchDecider;
import io.synlev.datapath.Decision;
import io.synlev.datapath.Reason;
import io.synlev.dpdk.Mbuf;
import io.synlev.dpdk.PacketPool;
import io.synlev.dpdk.PortQueue;
import io.synlev.memory.Memory;
import java.lang.foreign.Arena;

/**
 * What a worker does beside balancing: it is a good neighbour on its links. Called for frames that
 * have no backend, and once a step; what goes to a backend never comes here. Belongs to one worker;
 * neither allocates nor throws, but for new VIPs.
 */
final class Neighbourhood {

  /** The frames that are taken from the backends' port in a step, if they do not reply there. */
  private static final int LISTENING = 32;

  private final PacketPool pool;
  private final PortQueue out;
  private final Counters counters;
  private final boolean prepares;
  private final LocalAddresses local;
  private final Resolver resolver;
  private final Waiting waiting;
  private final MbufList sending;
  private final Station clients;

  /** Null with one arm. */
  private final Station backends;

  /** Null if what is not ours is dropped. */
  private final ExceptionPort kernel;

  /** Null on all workers but the first. */
  private final NeighbourTimers timers;

  /** Null there, too. */
  private final Announcer announcer;

  /** Null as well unless backends on a link of their own reply to sources of translated packets. */
  private final Announcer backendsAnnouncer;

  private final long table;

  /** Room in it. */
  private final int listening;

  /** Null when no pool's packets are translated. */
  private NatLane nat;

  /**
   * Makes one.
   *
   * @param in where clients are
   * @param out where backends are; the same with one arm
   * @param kernel the exception port's queue, or null
   * @param neighbours of all workers
   * @param isFirst whether it looks after them
   * @param burst most packets of a step
   * @param prepares whether packets to backends ask for offloads
   */
  Neighbourhood(
      Arena arena,
      Link in,
      Link out,
      PortQueue kernel,
      PacketPool pool,
      NeighbourTable neighbours,
      boolean isFirst,
      NeighbourOptions options,
      int burst,
      boolean prepares,
      Counters counters) {
    this.pool = pool;
    this.out = out.queue();
    this.counters = counters;
    this.prepares = prepares;
    listening = options.sources().isEmpty() ? LISTENING : Math.max(LISTENING, burst);
    local = new LocalAddresses(options);
    Solicitor solicitor = new Solicitor(arena, out.queue(), pool, options, out.mac(), counters);
    resolver = new Resolver(neighbours, solicitor, options, counters);
    waiting = new Waiting(arena, neighbours, pool, counters);
    sending = new MbufList(arena, Waiting.MOST);
    this.kernel =
        kernel == null ? null : new ExceptionPort(arena, kernel, in.queue(), pool, burst, counters);
    clients =
        new Station(
            arena, in.queue(), pool, in.mac(), local, resolver, this.kernel, burst, counters);
    backends =
        in.equals(out)
            ? null
            : new Station(
                arena, out.queue(), pool, out.mac(), local, resolver, null, listening, counters);
    timers = isFirst ? new NeighbourTimers(neighbours, solicitor, counters) : null;
    announcer =
        isFirst
            ? new Announcer(
                local, new Solicitor(arena, in.queue(), pool, options, in.mac(), counters))
            : null;
    backendsAnnouncer =
        isFirst && backends != null && !options.sources().isEmpty()
            ? new Announcer(new LocalAddresses(options.withVips(false)), solicitor)
            : null;
    table = arena.allocate(8L * listening, 64).address();
  }

  /**
   * A worker's queues on a link.
   *
   * @param mac the port's address
   */
  record Link(PortQueue queue, long mac) {}

  /** What finds Ethernet addresses for this worker. */
  Resolver resolver() {
    return resolver;
  }

  /** Has what backends reply on a link of their own translated. */
  void join(NatLane lane) {
    nat = lane;
  }

  /** Does what is due; how many packets that were. */
  int step(BatchDecider decider, long nowNanos) {
    local.take(decider.vips());
    int count = 0;
    if (kernel != null) {
      count += kernel.step();
    }
    if (backends != null) {
      count += listen(nowNanos);
    }
    if (timers != null) {
      timers.step(nowNanos);
      announcer.step(nowNanos);
    }
    if (backendsAnnouncer != null) {
      backendsAnnouncer.step(nowNanos);
    }
    if (!waiting.isEmpty()) {
      waiting.step(sending);
      int ready = sending.count();
      int sent = sending.send(out, pool, prepares);
      counters.add(FastPathCounter.SENT, sent);
      counters.add(FastPathCounter.REFUSED, ready - sent);
    }
    return count;
  }

  /** Backends and routers answer on their port; whatever else they send there is not ours. */
  private int listen(long nowNanos) {
    int count = out.receive(table, listening);
    if (nat != null && count > 0) {
      nat.approach(table, count);
    }
    for (int i = 0; i < count; i++) {
      long mbuf = Memory.getLong(table + 8L * i);
      int l2 = Ethernet.headerLength(Mbuf.data(mbuf), Mbuf.dataLength(mbuf));
      if (l2 == 0) {
        backends.takeFrame(mbuf, nowNanos);
      } else if (nat == null || !nat.takeReply(mbuf, l2, Mbuf.dataLength(mbuf) - l2, nowNanos)) {
        backends.takePacket(mbuf, l2, Fate.FREE, FastPathCounter.NOT_OURS, nowNanos);
      }
    }
    if (count > 0) {
      backends.flush();
      if (nat != null) {
        nat.flush();
      }
    }
    return count;
  }

  /** Takes frames without an IP packet; the list is empty afterwards. */
  void takeFrames(MbufList frames, long nowNanos) {
    for (int i = 0; i < frames.count(); i++) {
      clients.takeFrame(frames.get(i), nowNanos);
    }
    frames.clear();
  }

  /** Takes a packet that was given to no backend. */
  void takePacket(long mbuf, int l2, Decision decision, long nowNanos) {
    boolean isKernels = decision.action == Action.ACCEPT || decision.reason == Reason.NO_SERVICE;
    clients.takePacket(
        mbuf,
        l2,
        isKernels ? Fate.PASS : Fate.FREE,
        isKernels ? FastPathCounter.NOT_OURS : FastPathCounter.DROPPED,
        nowNanos);
  }

  /** Takes an echo request to a VIP whose pool is translated: answered if the VIP is ours. */
  void takePing(long mbuf, int l2, long nowNanos) {
    clients.takePacket(mbuf, l2, Fate.FREE, FastPathCounter.DROPPED, nowNanos);
  }

  /** Keeps a packet until {@link Resolver#waitingFor} has an Ethernet address. */
  void await(long mbuf) {
    waiting.add(mbuf, resolver.waitingFor);
  }

  /** Sends what has gathered. */
  void flush() {
    clients.flush();
  }

  /** Frees what is still there; after the last step. */
  void close() {
    waiting.freeAll();
  }
}

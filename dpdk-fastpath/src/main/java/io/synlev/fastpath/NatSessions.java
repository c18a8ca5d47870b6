package io.synlev.fastpath;

import io.synlev.dpdk.DpdkException;
import io.synlev.dpdk.Eal;
import io.synlev.dpdk.HugeMemory;
import io.synlev.hash.Seed;
import io.synlev.nat.NatCounter;
import io.synlev.nat.NatOptions;
import io.synlev.nat.NatTables;
import io.synlev.packet.IpProtocol;
import io.synlev.state.Prefix;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The sessions of all workers that translate, and the memory of their tables. */
final class NatSessions implements AutoCloseable {

  private static final int CACHE_LINE = 64;

  private final List<HugeMemory> memories = new ArrayList<>();
  private final NatTables tables;

  /** What was counted when the tables were given back; null as long as they are there. */
  private List<Map<String, Long>> last;

  private final NatOptions options;

  /**
   * Takes the memory.
   *
   * @param socket the NUMA node of the port, or -1
   * @throws DpdkException when there is no room; then nothing is taken
   */
  NatSessions(Eal eal, NatOptions options, int socket) throws DpdkException {
    this.options = options;
    try {
      String name = "a table of %,d translated connections".formatted(options.sessions());
      for (int i = 0; i < options.workers(); i++) {
        memories.add(HugeMemory.allocate(eal, name, options.bytes(), CACHE_LINE, socket));
      }
    } catch (DpdkException e) {
      free();
      throw e;
    }
    long[] addresses = memories.stream().mapToLong(HugeMemory::address).toArray();
    tables = new NatTables(options, addresses, Seed.random(), System.nanoTime());
  }

  /** How much memory the tables take, in megabytes. */
  static int megabytes(NatOptions options) {
    return options == null ? 0 : (int) Math.ceilDiv(options.bytes() * options.workers(), 1L << 20);
  }

  /**
   * Why packets to VIPs cannot be served.
   *
   * @param options null if there are no sources
   * @param areTranslated whether they are to be
   * @return what is missing and the remedy; empty if they can
   */
  static Optional<String> objection(NatOptions options, boolean areTranslated, List<Prefix> vips) {
    List<Prefix> sources = options == null ? List.of() : options.sources();
    for (Prefix vip : vips) {
      if (areTranslated && sources.stream().noneMatch(source -> source.ipv6() == vip.ipv6())) {
        String family = vip.ipv6() ? "IPv6" : "IPv4";
        return Optional.of(
            "has forwarding nat and the VIP %s, and there is no %s address to translate from: start lbd with --dpdk nat-sources=ADDRESS"
                .formatted(vip, family));
      }
      for (Prefix source : sources) {
        if (vip.contains(source.ipv6(), source.high(), source.low())) {
          return Optional.of(
              "has the VIP %s, and the source %s of nat-sources is in it: choose an address of its own"
                  .formatted(vip, source));
        }
      }
    }
    return Optional.empty();
  }

  NatTables tables() {
    return tables;
  }

  /** What a worker has counted, by label; any thread, also after {@link #close}. */
  synchronized Map<String, Long> statistics(int worker) {
    return last == null ? read(worker) : last.get(worker);
  }

  private Map<String, Long> read(int worker) {
    Map<String, Long> values = new LinkedHashMap<>();
    for (NatCounter counter : NatCounter.values()) {
      values.put(counter.label(), tables.counted(worker, counter));
    }
    return values;
  }

  private long count() {
    return last == null ? tables.sessions() : 0;
  }

  /**
   * What there was too little of.
   *
   * @param ports packets for which there was no source port
   * @param room those for which there was no room in a table
   */
  record Shortage(long ports, long room) {

    static final Shortage NONE = new Shortage(0, 0);

    /** Of those, the ones that another count has not. */
    Shortage since(Shortage before) {
      return new Shortage(ports - before.ports, room - before.room);
    }

    /** What has happened, and what to do about it. */
    String message() {
      return "nat: %,d packets of new connections were dropped: %s"
          .formatted(
              ports + room,
              room > ports
                  ? "the table is full; allow more nat-sessions"
                  : "no source port is free; give more nat-sources or wider nat-ports");
    }
  }

  /** What there was too little of; any thread, also after {@link #close}. */
  synchronized Shortage shortage() {
    return new Shortage(sum(NatCounter.NO_PORT), sum(NatCounter.NO_ROOM));
  }

  /** All workers' counters, and how many sessions there are, by label. */
  synchronized Map<String, Long> statistics() {
    Map<String, Long> values = new LinkedHashMap<>();
    values.put("nat-sessions", count());
    for (NatCounter counter : NatCounter.values()) {
      values.put(counter.label(), sum(counter));
    }
    return values;
  }

  /** What can be seen of them as a whole: how many, and how many ports are free. */
  synchronized Map<String, Long> room() {
    Map<String, Long> values = new LinkedHashMap<>();
    values.put("nat-sessions", count());
    for (int i = 0; last == null && i < options.sources().size(); i++) {
      String source = options.sources().get(i).toString().replaceFirst("/.*", "");
      values.put("free-tcp-ports-" + source, (long) tables.freePorts(i, IpProtocol.TCP));
      values.put("free-udp-ports-" + source, (long) tables.freePorts(i, IpProtocol.UDP));
    }
    return values;
  }

  private long sum(NatCounter counter) {
    long sum = 0;
    for (int i = 0; i < options.workers(); i++) {
      sum += statistics(i).get(counter.label());
    }
    return sum;
  }

  /** Ends those with a backend that was removed. Any thread. */
  synchronized void forget(long backend, long nowNanos) {
    if (last == null) {
      tables.forget(backend, nowNanos);
    }
  }

  /** Gives the memory back, when no worker is at work. */
  @Override
  public synchronized void close() throws DpdkException {
    List<Map<String, Long>> all = new ArrayList<>();
    for (int i = 0; i < options.workers(); i++) {
      all.add(statistics(i));
    }
    last = all;
    free();
  }

  private void free() throws DpdkException {
    for (HugeMemory memory : memories) {
      memory.close();
    }
  }
}

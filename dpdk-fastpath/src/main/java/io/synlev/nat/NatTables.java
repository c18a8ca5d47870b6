package io.synlev.nat;

import io.synlev.hash.Seed;
import java.util.Arrays;

/**
 * The sessions of all workers. Each worker's {@link Translator} writes its own; what others' need
 * of them, fragments and ICMP errors, they read without a lock.
 */
public final class NatTables {

  private static final int TICK_SHIFT = 20;

  private final Sources sources;
  private final RemovedBackends removed;
  private final NatTable[] tables;
  private final Seed seed;

  /**
   * Takes memory into use.
   *
   * @param memories for each worker, zeroed, {@code options.bytes()} long, at the beginning of a
   *     cache line; must stay until no translator, and nobody who asks here, is at work
   * @param seed secret: keys hashes, and the order in which ports are given out
   * @param nowNanos the time on {@link System#nanoTime()}'s scale
   * @throws IllegalArgumentException if there are not as many memories as workers
   */
  public NatTables(NatOptions options, long[] memories, Seed seed, long nowNanos) {
    if (memories.length != options.workers()) {
      throw new IllegalArgumentException(
          "memory for %d tables, but %d workers".formatted(memories.length, options.workers()));
    }
    this.seed = seed;
    sources = new Sources(options);
    SessionState states = new SessionState(options.timeouts(), options.timeWait());
    removed = new RemovedBackends((states.longest() + 1L) << TICK_SHIFT);
    tables = new NatTable[memories.length];
    for (int worker = 0; worker < tables.length; worker++) {
      tables[worker] =
          new NatTable(memories[worker], options, sources, removed, states, worker, seed, nowNanos);
    }
  }

  Seed seed() {
    return seed;
  }

  Sources sources() {
    return sources;
  }

  NatTable table(int worker) {
    return tables[worker];
  }

  int workers() {
    return tables.length;
  }

  /** Finds sessions for a worker. */
  SessionLookup lookup(int worker) {
    return new SessionLookup(tables, worker, sources, seed);
  }

  /**
   * Ends all sessions with a backend that was removed: each at its next packet, or when it is found
   * to be over; no walk. Sessions that begin later may have the same number again. To be called
   * when nothing that names the backend is in force any more. Any thread.
   *
   * @param backend the number given to {@link Translator#toBackend}
   */
  public void forget(long backend, long nowNanos) {
    removed.add(backend, nowNanos);
  }

  /** Whether an address is one of the source addresses. Any thread. */
  public boolean isSource(boolean isIpv6, long high, long low) {
    return sources.find(isIpv6, high, low) != Sources.NONE;
  }

  /** What all workers have counted. Any thread. */
  public long counted(NatCounter counter) {
    return Arrays.stream(tables).mapToLong(table -> table.counters.get(counter)).sum();
  }

  /** What a worker has counted. Any thread. */
  public long counted(int worker, NatCounter counter) {
    return tables[worker].counters.get(counter);
  }

  /** How many sessions there are, some of which may be over. Any thread. */
  public int sessions() {
    return Arrays.stream(tables).mapToInt(NatTable::count).sum();
  }

  /**
   * How many ports of a source address are free, all workers' together. Any thread.
   *
   * @param source its place in {@link NatOptions#sources}
   * @param protocol {@link io.synlev.packet.IpProtocol#TCP} or UDP
   */
  public int freePorts(int source, int protocol) {
    int place = sources.placeOf(source);
    return Arrays.stream(tables).mapToInt(table -> table.ports.free(place, protocol)).sum();
  }
}

package io.synlev.nat;

import io.synlev.hash.Seed;

/**
 * The sessions of all workers. Each worker's {@link Translator} writes its own; what others' need
 * of them, fragments and ICMP errors, they read without a lock.
 */
public final class NatTables {

  /**
   * Takes memory into use.
   *
   * @param memories for each worker, zeroed, {@code options.bytes()} long, at the beginning of a
   *     cache line; must stay until no translator, and nobody who asks here, is at work
   * @param seed secret: keys hashes, and the order in which ports are given out
   * @param nowNanos the time on {@link System#nanoTime()}'s scale
   * @throws IllegalArgumentException if there are not as many memories as workers
   */
  public NatTables(NatOptions options, long[] memories, Seed seed, long nowNanos) {}

  /**
   * Ends all sessions with a backend that was removed: each at its next packet, or when it is found
   * to be over; no walk. Sessions that begin later may have the same number again. To be called
   * when nothing that names the backend is in force any more. Any thread.
   *
   * @param backend the number given to {@link Translator#toBackend}
   */
  public void forget(long backend, long nowNanos) {}

  /** Whether an address is one of the source addresses. Any thread. */
  public boolean isSource(boolean isIpv6, long high, long low) {
    return false;
  }

  /** What all workers have counted. Any thread. */
  public long counted(NatCounter counter) {
    return 0;
  }

  /** What a worker has counted. Any thread. */
  public long counted(int worker, NatCounter counter) {
    return 0;
  }

  /** How many sessions there are, some of which may be over. Any thread. */
  public int sessions() {
    return 0;
  }

  /**
   * How many ports of a source address are free, all workers' together. Any thread.
   *
   * @param source its place in {@link NatOptions#sources}
   * @param protocol {@link io.synlev.packet.IpProtocol#TCP} or UDP
   */
  public int freePorts(int source, int protocol) {
    return 0;
  }
}

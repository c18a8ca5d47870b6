package io.synlev.nat;

/**
 * Where a worker's table has what, in bytes from the beginning of its memory.
 *
 * <pre>
 *   sessions    128 bytes each, the first one unused
 *   chains      4 bytes each: the first session with a hash; twice as many as sessions, or more
 *   ports       4 bytes for each source address, protocol and port: the session that has it
 *   free ports  2 bytes for each of the same: rings
 * </pre>
 *
 * <p>Each begins at a cache line. Immutable.
 */
final class Layout {

  /** TCP and UDP. */
  static final int PROTOCOLS = 2;

  private static final int CACHE_LINE = 64;

  final int sessions;

  /** A power of two. */
  final int chains;

  final long chainsAt;
  final long portsAt;
  final long freePortsAt;
  final long bytes;

  Layout(NatOptions options) {
    sessions = options.sessions();
    chains = Integer.highestOneBit(sessions * 2 - 1) * 2;
    long ports = (long) options.sources().size() * PROTOCOLS * options.portsPerWorker();
    chainsAt = (sessions + 1L) * Session.BYTES;
    portsAt = lines(chainsAt + 4L * chains);
    freePortsAt = lines(portsAt + 4 * ports);
    bytes = lines(freePortsAt + 2 * ports);
  }

  private static long lines(long bytes) {
    return Math.ceilDiv(bytes, CACHE_LINE) * CACHE_LINE;
  }
}

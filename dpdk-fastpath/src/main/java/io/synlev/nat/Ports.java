package io.synlev.nat;

import io.synlev.hash.Seed;
import io.synlev.memory.Memory;
import io.synlev.packet.FlowKey;
import io.synlev.packet.IpProtocol;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * The source ports of one worker: for each source address and protocol a ring of free ones, from
 * which the one that has been free for longest is taken, and for each port its session.
 *
 * <p>The rings begin in an order that is secret: RFC 6056 wants ports that are hard to guess.
 * Belongs to the worker; counts may be read by any thread, and sessions as {@link SessionReader}
 * does. Hot: no allocation, no search.
 */
final class Ports {

  /** No port. */
  static final int NONE = -1;

  private final Sources sources;
  private final long sessions;
  private final long rings;
  private final int first;
  private final int each;

  private final int[] heads;
  private final AtomicIntegerArray free;

  /** By family and protocol: the bits of source addresses that have a free port. */
  private final long[] available = new long[4];

  /**
   * Takes memory into use.
   *
   * @param memory of the worker's table
   */
  Ports(long memory, Layout layout, Sources sources, int worker, Seed seed) {
    this.sources = sources;
    sessions = memory + layout.portsAt;
    rings = memory + layout.freePortsAt;
    first = sources.firstPort(worker);
    each = sources.portsPerWorker();
    int count = sources.count() * Layout.PROTOCOLS;
    heads = new int[count];
    free = new AtomicIntegerArray(count);
    SplittableRandom random = new SplittableRandom(seed.k0() ^ seed.k1() * (2L * worker + 1));
    for (int ring = 0; ring < count; ring++) {
      fill(ring, random);
    }
    for (int group = 0; group < available.length; group++) {
      int inFamily = sources.count(family(group));
      available[group] = inFamily == 0 ? 0 : -1L >>> 64 - inFamily;
    }
  }

  private void fill(int ring, SplittableRandom random) {
    for (int i = 0; i < each; i++) {
      int other = random.nextInt(i + 1);
      Memory.putShort(at(ring, i), Memory.getShort(at(ring, other)));
      Memory.putShort(at(ring, other), (short) i);
    }
    free.set(ring, each);
  }

  private long at(int ring, int index) {
    return rings + 2L * ((long) ring * each + index);
  }

  /** The number of a family and protocol, 0 to 3. */
  static int group(int family, int protocol) {
    return (family == FlowKey.IPV4 ? 0 : 2) + (protocol == IpProtocol.TCP ? 0 : 1);
  }

  private static int family(int group) {
    return group < 2 ? FlowKey.IPV4 : FlowKey.IPV6;
  }

  private static int ring(int source, int protocol) {
    return source * Layout.PROTOCOLS + (protocol == IpProtocol.TCP ? 0 : 1);
  }

  /** Whether any source address of a family has a free port. */
  boolean areThere(int group) {
    return available[group] != 0;
  }

  /**
   * A source address with a free port: the one that a hash names, or else the next one.
   *
   * @param hash 32 bits of the client's address
   * @return its place; there must be one
   */
  int source(int group, int hash) {
    int family = family(group);
    int wanted = (int) ((hash & 0xffff_ffffL) * sources.count(family) >>> 32);
    int further = Long.numberOfTrailingZeros(Long.rotateRight(available[group], wanted));
    return sources.first(family) + (wanted + further & 63);
  }

  /** Takes a source address's port that has been free for longest; there must be one. */
  int take(int source, int protocol) {
    int ring = ring(source, protocol);
    int head = heads[ring];
    int port = Memory.getShort(at(ring, head)) & 0xffff;
    heads[ring] = head + 1 == each ? 0 : head + 1;
    int left = free.getPlain(ring) - 1;
    free.setOpaque(ring, left);
    if (left == 0) {
      int family = source < sources.first(FlowKey.IPV6) ? FlowKey.IPV4 : FlowKey.IPV6;
      available[group(family, protocol)] &= ~(1L << source - sources.first(family));
    }
    return first + port;
  }

  /** Gives a port back: it is the last one to be taken again. */
  void free(int source, int protocol, int port) {
    int ring = ring(source, protocol);
    int left = free.getPlain(ring);
    int tail = heads[ring] + left;
    Memory.putShort(at(ring, tail < each ? tail : tail - each), (short) (port - first));
    free.setOpaque(ring, left + 1);
    int family = source < sources.first(FlowKey.IPV6) ? FlowKey.IPV4 : FlowKey.IPV6;
    available[group(family, protocol)] |= 1L << source - sources.first(family);
    putSession(source, protocol, port, 0);
  }

  /** How many ports of a source address are free. Any thread. */
  int free(int source, int protocol) {
    return free.getOpaque(ring(source, protocol));
  }

  private long slot(int source, int protocol, int port) {
    return sessions + 4L * ((long) ring(source, protocol) * each + port - first);
  }

  /** Tells which session has a port, once all of it can be seen. */
  void putSession(int source, int protocol, int port, int session) {
    Memory.putIntRelease(slot(source, protocol, port), session);
  }

  /** The session that has a port of this worker, or 0. Any thread. */
  int session(int source, int protocol, int port) {
    return Memory.getIntAcquire(slot(source, protocol, port));
  }
}

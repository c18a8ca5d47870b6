package io.synlev.netfilter;

import io.synlev.ffi.Descriptors;
import io.synlev.memory.Memory;
import java.lang.foreign.Arena;
import java.nio.file.Path;

/**
 * Whether conntrack knows any connection at all: where nothing uses it, nothing need be asked of
 * it. To look takes a third of the time of a question, and is done at most every {@value
 * #FRESH_NANOS} ns.
 *
 * <p>Belongs to one thread at a time; neither allocates nor throws.
 */
final class EntryCount {

  /** Shorter than the time a flow needs to become established and its pool to change. */
  static final long FRESH_NANOS = 100_000;

  /** Documentation/networking/nf_conntrack-sysctl.rst: a decimal number and a line feed. */
  private static final Path FILE = Path.of("/proc/sys/net/netfilter/nf_conntrack_count");

  private static final int ROOM = 16;

  private final int descriptor;
  private final long text;
  private long lookedAt;
  private boolean zero;

  private EntryCount(int descriptor, long text) {
    this.descriptor = descriptor;
    this.text = text;
    lookedAt = System.nanoTime() - FRESH_NANOS;
  }

  /** Opens the count of the calling thread's network namespace, if it can be read. */
  static EntryCount open(Arena arena) {
    int flags = Descriptors.O_RDONLY | Descriptors.O_CLOEXEC;
    return new EntryCount(Descriptors.open(FILE, flags), arena.allocate(ROOM).address());
  }

  /**
   * Whether there is certainly no entry.
   *
   * @param nowNanos on {@link System#nanoTime()}'s scale
   */
  boolean isZero(long nowNanos) {
    if (descriptor >= 0 && nowNanos - lookedAt >= FRESH_NANOS) {
      lookedAt = nowNanos;
      zero = Descriptors.read(descriptor, text, ROOM, 0) > 0 && Memory.getByte(text) == '0';
    }
    return zero;
  }

  void close() {
    if (descriptor >= 0) {
      Descriptors.close(descriptor);
    }
  }
}

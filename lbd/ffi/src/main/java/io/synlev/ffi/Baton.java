package io.synlev.ffi;

import java.lang.foreign.Arena;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A right that exactly one of two processes has: a datagram in a pair of sockets (socketpair(2)),
 * that both can receive. Who receives it has it; the kernel gives it to one. It is safe from the
 * death of either at any time, which no two messages are.
 *
 * <p>One thread at a time.
 */
public final class Baton implements AutoCloseable {

  private final int offering;
  private final int taking;
  private final AtomicBoolean closed = new AtomicBoolean();

  private Baton(int offering, int taking) {
    this.offering = offering;
    this.taking = taking;
  }

  /** Makes one that nobody can take yet. */
  public static Baton make() throws NativeException {
    int[] pair = new int[2];
    int type = Sockets.SOCK_DGRAM | Sockets.SOCK_CLOEXEC;
    NativeException.check(Sockets.socketPair(Sockets.AF_UNIX, type, pair), "socketpair(AF_UNIX)");
    return new Baton(pair[0], pair[1]);
  }

  /**
   * One that another process has made.
   *
   * @param descriptor what {@link #descriptor} is there; closed with this
   */
  public static Baton of(int descriptor) {
    return new Baton(-1, descriptor);
  }

  /** What the other process needs to take it. */
  public int descriptor() {
    return taking;
  }

  /** Lets one of the two take it. Only who has made it can. */
  public void offer() throws NativeException {
    try (Arena arena = Arena.ofConfined()) {
      NativeException.check(
          Sockets.send(offering, arena.allocate(1).address(), 1, 0), "send of a baton");
    }
  }

  /**
   * Takes it.
   *
   * @param timeoutMillis how long to wait for it; 0 not at all
   * @return false when it was not offered, or the other has it
   */
  public boolean take(int timeoutMillis) throws NativeException {
    if (Sockets.pollIn(taking, timeoutMillis) <= 0) {
      return false;
    }
    try (Arena arena = Arena.ofConfined()) {
      long room = arena.allocate(1).address();
      long got = Sockets.receive(taking, room, 1, Sockets.MSG_DONTWAIT);
      if (Errno.EAGAIN.is(got) || Errno.EINTR.is(got)) {
        return false;
      }
      return NativeException.check(got, "recv of a baton") == 1;
    }
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      Descriptors.close(taking);
      if (offering >= 0) {
        Descriptors.close(offering);
      }
    }
  }
}

package io.synlev.ffi;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A name that one living process of a network namespace has: an abstract Unix socket, unix(7). The
 * kernel lets go of it when the process ends, however it ends, so nothing is ever left over. Any
 * thread may close it.
 */
public final class Claim implements AutoCloseable {

  private final int descriptor;
  private final AtomicBoolean closed = new AtomicBoolean();

  private Claim(int descriptor) {
    this.descriptor = descriptor;
  }

  /**
   * Takes a name in the network namespace of the calling thread.
   *
   * @param name ASCII, at most 107 characters
   * @param what it stands for, such as {@code "the XDP program of eth0"}
   * @throws NativeException {@link Errno#EADDRINUSE} when somebody has it, with how to find out who
   */
  public static Claim take(String name, String what) throws NativeException {
    int descriptor =
        NativeException.check(
            Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_DGRAM | Sockets.SOCK_CLOEXEC, 0),
            "socket of " + what);
    int result = UnixSockets.bindName(descriptor, name);
    if (result < 0) {
      Sockets.close(descriptor);
      throw new NativeException(
          what,
          -result,
          Errno.EADDRINUSE.is(result)
              ? "another process has it; ss -xap | grep '@" + name + " ' shows which: stop it first"
              : Errno.remedy(-result));
    }
    return new Claim(descriptor);
  }

  /** Whether it was given back. */
  public boolean isClosed() {
    return closed.get();
  }

  /** Lets others have it. */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      Sockets.close(descriptor);
    }
  }
}

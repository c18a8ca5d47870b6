package io.synlev.health;

import io.synlev.ffi.Epoll;
import io.synlev.ffi.Errno;

/**
 * Asks for a connection and, once the server has taken it, ends it with a reset: the server's
 * kernel answers, its program need not. Allocates nothing.
 */
final class TcpProbe implements Probe {
  private final Wire wire;

  TcpProbe(Wire wire) {
    this.wire = wire;
  }

  @Override
  public Outcome begin(Target target) {
    int result = wire.knock(target);
    if (result == 0) {
      return Outcome.OK;
    }
    return Errno.EINPROGRESS.is(result) ? wire.watch(target, Epoll.OUT) : Outcome.of(-result);
  }

  @Override
  public Outcome ready(Target target, int happened) {
    return (happened & (Epoll.ERROR | Epoll.HANG_UP)) != 0 ? Wire.error(target) : Outcome.OK;
  }

  @Override
  public void end(Target target) {
    Wire.close(target);
  }
}

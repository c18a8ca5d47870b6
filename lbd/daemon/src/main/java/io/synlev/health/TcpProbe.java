package io.synlev.health;

import io.synlev.ffi.Epoll;
import io.synlev.ffi.Errno;
import io.synlev.ffi.Sockets;

/** Makes a connection and ends it with a reset. Allocates nothing. */
final class TcpProbe implements Probe {
  private final Wire wire;

  TcpProbe(Wire wire) {
    this.wire = wire;
  }

  @Override
  public Outcome begin(Target target) {
    int result = wire.connect(target, Sockets.SOCK_STREAM, 0);
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

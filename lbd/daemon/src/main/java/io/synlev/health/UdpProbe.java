package io.synlev.health;

import io.synlev.ffi.Epoll;
import io.synlev.ffi.Sockets;
import java.lang.foreign.ValueLayout;

/** Sends a datagram and looks at the first that comes back. Allocates nothing. */
final class UdpProbe implements Probe {
  private final Wire wire;

  UdpProbe(Wire wire) {
    this.wire = wire;
  }

  @Override
  public Outcome begin(Target target) {
    int result = wire.connect(target, Sockets.SOCK_DGRAM, 0);
    if (result == 0) {
      result = Wire.send(target, target.question.request(), 0);
    }
    return result < 0 ? Outcome.of(-result) : wire.watch(target, Epoll.IN);
  }

  @Override
  public Outcome ready(Target target, int happened) {
    int length = wire.receive(target);
    if (length < 0) {
      return Wire.mustWait(length) ? Outcome.PENDING : Outcome.of(-length);
    }
    Needle needle = target.question.needle();
    int matched = 0;
    for (int i = 0; i < length && !needle.isFound(matched); i++) {
      matched = needle.step(matched, wire.room().get(ValueLayout.JAVA_BYTE, i));
    }
    return needle.isFound(matched) ? Outcome.OK : Outcome.WRONG_ANSWER;
  }

  @Override
  public void end(Target target) {
    Wire.close(target);
  }
}

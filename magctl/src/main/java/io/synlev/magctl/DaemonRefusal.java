package io.synlev.magctl;

import io.synlev.control.ControlException;
import io.synlev.control.RpcError;
import io.synlev.control.RpcException;
import io.synlev.state.StateException;

/** What it means for a command that the daemon does not do what it is asked. */
final class DaemonRefusal {
  private DaemonRefusal() {}

  /** Wrong usage if the request names what is not there; otherwise it did not work. */
  static RuntimeException of(ControlException e) {
    return e instanceof RpcException refusal && refusal.code() == RpcError.INVALID_PARAMS
        ? new UsageException(e.getMessage())
        : new StateException(e.getMessage(), e);
  }
}

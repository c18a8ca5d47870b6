package io.synlev.control;

/**
 * An error that travels as the {@code error} member of a response. A handler throws it to refuse;
 * {@link ControlClient#call} throws it when the daemon refused.
 */
public final class RpcException extends ControlException {
  private static final long serialVersionUID = 1L;

  private final int code;

  /**
   * An error.
   *
   * @param code one of {@link RpcError}, or another that the peer sent
   * @param message what was wrong, with the value and the remedy
   */
  public RpcException(int code, String message) {
    super(message);
    this.code = code;
  }

  /** The number that tells programs what {@link #getMessage} tells people. */
  public int code() {
    return code;
  }
}

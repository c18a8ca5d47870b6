package io.synlev.control;

/**
 * Error codes: those of the JSON-RPC 2.0 specification, section 5.1, and ours from the range that
 * it leaves to servers.
 */
public final class RpcError {
  /** The line is not JSON. */
  public static final int PARSE_ERROR = -32700;

  /** The JSON is not a request. */
  public static final int INVALID_REQUEST = -32600;

  /** There is no such method. */
  public static final int METHOD_NOT_FOUND = -32601;

  /** A parameter is missing, unknown or out of range. */
  public static final int INVALID_PARAMS = -32602;

  /** A defect of ours. */
  public static final int INTERNAL_ERROR = -32603;

  /** Well asked, but it did not work. */
  public static final int FAILED = -32000;

  /** The line is longer than {@link LineBuffer}'s limit; the server hangs up after saying so. */
  public static final int LINE_TOO_LONG = -32001;

  /** Another daemon is taking over: ask again, on a new connection. */
  public static final int ASK_AGAIN = -32002;

  private RpcError() {}
}

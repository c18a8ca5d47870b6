package io.synlev.state;

/**
 * The shared state cannot be used or changed as asked. The message is for a person: what was wrong,
 * with which value, and what to do. Nothing has been changed when it is thrown.
 */
public final class StateException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public StateException(String message) {
    super(message);
  }

  public StateException(String message, Throwable cause) {
    super(message, cause);
  }
}

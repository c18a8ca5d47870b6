package io.synlev.control;

/** Something about the control socket that a person has to know: what was wrong and what to do. */
public class ControlException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public ControlException(String message) {
    super(message);
  }

  public ControlException(String message, Throwable cause) {
    super(message, cause);
  }
}

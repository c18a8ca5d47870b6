package io.synlev.magctl;

/** The command line does not say what to do: exit code 2. The message is for a person. */
final class UsageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UsageException(String message) {
    super(message);
  }
}

package io.synlev.lbd;

import java.io.IOException;

/** The daemon cannot start: what was wrong and what to do. */
final class StartException extends IOException {
  private static final long serialVersionUID = 1L;

  StartException(String message) {
    super(message);
  }

  StartException(String message, Throwable cause) {
    super(message, cause);
  }
}

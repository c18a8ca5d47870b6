package io.synlev.lbd;

import java.io.IOException;

/** The other daemon cannot hand over; it can only be ended. The message tells why. */
final class NoHandOverException extends IOException {
  private static final long serialVersionUID = 1L;

  NoHandOverException(String why) {
    super(why);
  }

  NoHandOverException(String why, Throwable cause) {
    super(why, cause);
  }
}

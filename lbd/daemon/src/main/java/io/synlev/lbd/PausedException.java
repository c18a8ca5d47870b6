package io.synlev.lbd;

/** Nothing new is put to use now, since another lbd is taking over; it will look for itself. */
final class PausedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  PausedException() {
    super("another lbd is taking over: ask again");
  }
}

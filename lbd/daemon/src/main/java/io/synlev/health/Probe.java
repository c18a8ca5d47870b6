package io.synlev.health;

/**
 * Asks in one way; the one of a kind serves all targets of its thread. None of its methods waits or
 * throws: what goes wrong is an {@link Outcome}.
 */
interface Probe {
  /**
   * Begins a check.
   *
   * @return what came of it, or {@link Outcome#PENDING}; then {@link #ready} is called when
   *     something happens, and {@link #end} in any case
   */
  Outcome begin(Target target);

  /**
   * Something happened at the target's descriptor.
   *
   * @param happened bits of {@link io.synlev.ffi.Epoll}
   * @return as {@link #begin}
   */
  Outcome ready(Target target, int happened);

  /** The check is over or has taken too long: lets go of everything. */
  void end(Target target);
}

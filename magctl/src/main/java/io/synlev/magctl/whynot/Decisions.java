package io.synlev.magctl.whynot;

import java.util.Optional;

/** Watches what lbd decides about the probe. */
public interface Decisions {
  /** What was decided, if it was by now; returns at once. */
  Optional<Decided> poll();
}

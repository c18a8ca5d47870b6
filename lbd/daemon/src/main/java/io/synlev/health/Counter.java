package io.synlev.health;

import java.util.Locale;

/** What health checks have counted since the daemon's start. */
public enum Counter {
  /** Checks that were begun. */
  CHECKS,
  /** Checks with a good answer. */
  GOOD,
  /** Checks with a bad answer, or with none. */
  BAD,
  /** Checks that say nothing of the backend: this host could not ask. */
  UNCOUNTED,
  /** Backends found down. */
  WENT_DOWN,
  /** Backends found up. */
  CAME_UP,
  /** Generations published. */
  GENERATIONS;

  /** The name in reports. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}

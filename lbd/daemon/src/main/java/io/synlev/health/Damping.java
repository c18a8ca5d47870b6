package io.synlev.health;

import io.synlev.state.Health;

/**
 * Makes answers a verdict: so many bad ones in a row bring a backend down, so many good ones up.
 * One thread.
 */
final class Damping {
  private Health health;
  private int contrary;
  private int alike;
  private boolean lastWasGood;

  /** Begins with what was found out before; nothing counts yet. */
  Damping(Health health) {
    this.health = health;
  }

  /**
   * Takes an answer.
   *
   * @param rise good answers in a row that bring it up
   * @param fall bad answers in a row that bring it down
   * @return whether the verdict is another one now
   */
  boolean observe(boolean isGood, int rise, int fall) {
    alike = alike > 0 && isGood == lastWasGood ? alike + 1 : 1;
    lastWasGood = isGood;
    boolean agrees = isGood == (health == Health.UP);
    contrary = agrees ? 0 : contrary + 1;
    if (contrary < (isGood ? rise : fall)) {
      return false;
    }
    if (agrees) {
      return false;
    }
    contrary = 0;
    health = isGood ? Health.UP : Health.DOWN;
    return true;
  }

  Health health() {
    return health;
  }

  /** How many of the last answers were alike. */
  int alike() {
    return alike;
  }

  /** Takes over what somebody else says, and begins to count anew. */
  void adopt(Health other) {
    health = other;
    contrary = 0;
    alike = 0;
  }
}

package io.synlev.health;

import io.synlev.state.Health;

/**
 * A backend that is checked. Fields belong to the checks' thread; others read the volatile ones.
 */
final class Target {
  final String name;
  final Damping damping;
  volatile Subject subject;
  Question question;

  /** Place in the {@link DueQueue}, and the time by which it stands there. */
  int place = -1;

  long due;

  /** Among the checks' slots. */
  int slot;

  /** The check under way; the socket's events bear its number, so that late ones are known. */
  boolean isAsked;

  int flight;
  int descriptor = -1;
  long begin;
  int failuresWhileDown;

  /** What the probe of its kind keeps from one event to the next; it makes it when it needs it. */
  Object session;

  /** Set by the probe before it returns the outcome: a status, an exit code. */
  int detail;

  volatile Health health;

  /** What the pool had when we looked last, or published. */
  volatile Health inForce;

  /** What somebody else has made it, as the publisher found; taken over by the checks' thread. */
  volatile Health said;

  volatile long sinceMillis;
  volatile Outcome last = Outcome.NONE;
  volatile int lastDetail;
  volatile long lastMillis;
  volatile int latencyMicros = -1;
  volatile int alike;
  volatile long checks;
  volatile long failures;

  /** When it came back, by {@link System#nanoTime}; only if {@link #isRamping}. */
  volatile long rampBegin;

  volatile boolean isRamping;

  /** Down, and in use all the same, since no other answers. Set by the publisher. */
  volatile boolean isKept;

  Target(String name, Health health) {
    this.name = name;
    this.health = health;
    this.inForce = health;
    this.damping = new Damping(health);
  }

  /** Somebody else has said what it is; checks go on from there. The checks' thread. */
  void adopt(Health other) {
    damping.adopt(other);
    isRamping = false;
    isKept = false;
    failuresWhileDown = 0;
    sinceMillis = System.currentTimeMillis();
    health = other;
    inForce = other;
    said = null;
  }

  /** Whether somebody else decided since, and we have found out nothing new. */
  boolean isSaidByOthers(Health now) {
    return said != null || now != inForce && health == inForce;
  }

  /** A number that names the check under way. */
  long tag() {
    return (long) flight << 32 | slot;
  }
}

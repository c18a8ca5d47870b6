package io.synlev.steering;

import io.synlev.datapath.Decision;
import io.synlev.datapath.Reason;
import io.synlev.state.HashOn;
import io.synlev.state.PoolCursor;

/**
 * Where a service's packets go, as one worker sees it. Services that agree in everything share one.
 *
 * @param cursor the worker's look at the pool
 * @param place of that cursor in {@link View#cursors}
 * @param hashOn what is hashed; null for what the pool says
 * @param noBackend what happens without backends; null for what the options say
 */
record Target(PoolCursor cursor, int place, HashOn hashOn, Outcome noBackend) {

  /** What is hashed. */
  HashOn on() {
    return hashOn == null ? cursor.hashOn() : hashOn;
  }

  /**
   * Writes what a slot of the pool's table means into a decision; hash and slot are there already.
   *
   * @param backend what the slot holds, or {@link PoolCursor#NONE}
   * @param reason if there is one
   * @param byDefault what happens without backends if the service leaves that open
   */
  void decide(int backend, int markMask, Reason reason, Outcome byDefault, Decision out) {
    out.generation = cursor.generation();
    if (backend == PoolCursor.NONE) {
      PacketSteering.withoutBackend(withoutBackend(byDefault), Reason.NO_BACKEND, out);
      out.generation = cursor.generation();
      return;
    }
    out.mark(cursor.mark(backend) & markMask, backend, reason);
    cursor.nextHop(backend, out.nextHop);
  }

  /** What happens without backends. */
  Outcome withoutBackend(Outcome byDefault) {
    return noBackend == null ? byDefault : noBackend;
  }
}

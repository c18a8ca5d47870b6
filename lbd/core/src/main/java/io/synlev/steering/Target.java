package io.synlev.steering;

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

  /** What happens without backends. */
  Outcome withoutBackend(Outcome byDefault) {
    return noBackend == null ? byDefault : noBackend;
  }
}

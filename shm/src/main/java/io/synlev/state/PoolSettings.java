package io.synlev.state;

import io.synlev.maglev.MaglevTable;
import io.synlev.maglev.TableSize;

/**
 * What of a pool never changes after its creation.
 *
 * @param name unique in the instance
 * @param slots size of the table, a prime; see {@link TableSize}
 * @param capacity the most backends it can hold, 1 to {@link MaglevTable#MAX_BACKENDS}
 * @param policy how the table is filled
 * @param hashOn which fields choose the slot
 * @param ownFwmark this balancer's own mark if the pool is a tier of balancers, otherwise 0
 * @param forwarding how the DPDK datapath carries packets to its backends
 */
public record PoolSettings(
    String name,
    int slots,
    int capacity,
    Policy policy,
    HashOn hashOn,
    int ownFwmark,
    Forwarding forwarding) {
  /** Room for backends unless asked for more: 0.5 MB a pool with the default table. */
  public static final int DEFAULT_CAPACITY = 256;

  public PoolSettings {
    Names.check("pool", name);
    if (!TableSize.isValid(slots)) {
      throw new StateException(
          "pool '"
              + name
              + "' with "
              + slots
              + " slots: a prime from "
              + TableSize.MINIMUM
              + " to "
              + TableSize.MAXIMUM
              + " is needed");
    }
    if (capacity < 1 || capacity > MaglevTable.MAX_BACKENDS) {
      throw new StateException(
          "pool '"
              + name
              + "' with room for "
              + capacity
              + " backends: choose from 1 to "
              + MaglevTable.MAX_BACKENDS);
    }
  }

  /** With {@link Forwarding#L2DSR}. */
  public PoolSettings(
      String name, int slots, int capacity, Policy policy, HashOn hashOn, int ownFwmark) {
    this(name, slots, capacity, policy, hashOn, ownFwmark, Forwarding.L2DSR);
  }

  /** The same with another way of forwarding. */
  public PoolSettings with(Forwarding other) {
    return new PoolSettings(name, slots, capacity, policy, hashOn, ownFwmark, other);
  }
}

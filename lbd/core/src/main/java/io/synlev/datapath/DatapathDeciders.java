package io.synlev.datapath;

/** Makes the decider of each worker of a datapath that takes all packets, and can hold some. */
@FunctionalInterface
public interface DatapathDeciders {

  /**
   * Makes one; called before the worker starts.
   *
   * @param worker 0, 1, ...
   * @param held holds packets for that worker
   * @param flows the flows that worker carries; null if it remembers none
   */
  BatchDecider decider(int worker, HeldPackets held, OwnFlows flows);
}

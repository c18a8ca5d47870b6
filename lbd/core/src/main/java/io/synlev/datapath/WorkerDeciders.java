package io.synlev.datapath;

/** Makes the decider of each worker that can hold packets. */
@FunctionalInterface
public interface WorkerDeciders {

  /**
   * Makes one; called before the worker starts.
   *
   * @param worker 0, 1, ...
   * @param held holds packets for that worker
   */
  BatchDecider decider(int worker, HeldPackets held);
}

package io.synlev.datapath;

import io.synlev.packet.FlowKey;

/**
 * Flows that have a backend already, and that something faster than us steers: conntrack, a tc
 * program's map, a fast path's table.
 *
 * <p>A live flow keeps its backend, whatever the pool's table says by now. So whatever reaches us
 * of it (fragments, ICMP errors, what the faster one leaves out) is looked up here before the
 * table. Fwmarks are unique within an instance, so the mark names the backend.
 *
 * <p>One object belongs to one worker thread. Nothing is allocated or thrown per packet.
 */
public interface FlowTable {

  /** What {@link #find} says of a flow that is not known, or whose backend is gone. */
  int NONE = 0;

  /** Knows no flow and takes none. */
  FlowTable EMPTY =
      new FlowTable() {
        @Override
        public boolean isAskedAlways() {
          return false;
        }

        @Override
        public int find(FlowKey flow) {
          return NONE;
        }

        @Override
        public void add(FlowKey flow, int mark, int tcpFlags) {
          // Nobody steers it but us.
        }

        @Override
        public void commit(long nowNanos) {
          // Nothing was added.
        }
      };

  /**
   * Whether every packet's flow is looked up and new ones are added, or only those of fragments and
   * ICMP errors are looked up.
   */
  boolean isAskedAlways();

  /**
   * Tells which packets will be asked about next, so that their flows can be looked up together.
   * The answers are as of now. Need not be called, and need not do anything.
   *
   * @param addresses where each packet starts, at the first byte of its IP header
   * @param lengths how many bytes of each packet are there, 0 or more
   * @param count how many packets, 0 to {@link BatchDecider#MAX_BATCH}
   */
  default void expect(long[] addresses, int[] lengths, int count) {
    // One by one does, too.
  }

  /**
   * The backend of a live flow.
   *
   * @param flow from client to VIP: TCP, UDP or SCTP
   * @return its fwmark, within the instance's mask, or {@link #NONE}
   */
  int find(FlowKey flow);

  /**
   * Takes a flow that the table has just given a backend; {@link #commit} makes it known.
   *
   * @param flow from client to VIP: TCP, UDP or SCTP; copied
   * @param mark the backend's fwmark, within the instance's mask
   * @param tcpFlags the flags of its packet as TCP's byte 13 has them; 0 for other protocols
   */
  void add(FlowKey flow, int mark, int tcpFlags);

  /**
   * Makes the added flows known to whom they are for. Called at the end of a batch, before its
   * verdicts: a flow's second packet must not find less than its first one left behind.
   *
   * @param nowNanos the time of the batch on {@link System#nanoTime()}'s scale
   */
  void commit(long nowNanos);
}

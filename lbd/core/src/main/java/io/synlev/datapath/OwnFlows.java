package io.synlev.datapath;

import io.synlev.packet.FlowBurst;
import io.synlev.packet.FlowKey;

/**
 * Flows that a datapath carries itself: all of their packets are decided here, and the table only
 * remembers which backend each flow has. {@link FlowTable} is for flows that others carry.
 *
 * <p>Who decides does it in two steps, since a decision may have to be made again: {@link #find}
 * changes nothing; {@link #touch}, {@link #add} and {@link #bypass} follow once the decision
 * stands. What {@link #find} returned is valid until the next {@link #add}.
 *
 * <p>One object belongs to one worker thread. Nothing is allocated or thrown per packet.
 */
public interface OwnFlows {

  /** What {@link #find} says of a flow that is not known. */
  long UNKNOWN = 0;

  /** A bit of the numbers given to {@link #add}: the flow is to be counted for its backend. */
  long COUNTED = 1L << 31;

  /**
   * Begins a batch.
   *
   * @param nowNanos its time on {@link System#nanoTime()}'s scale
   */
  void begin(long nowNanos);

  /**
   * Finds a flow that is live.
   *
   * @param flow from client to VIP: TCP, UDP or SCTP
   * @param hash of all of the flow, the same for each of its packets
   * @param tcpFlags of its packet, as TCP's byte 13 has them: a SYN ends a flow that has closed; 0
   *     for other protocols
   * @return what {@link #backend} and {@link #touch} take, or {@link #UNKNOWN}
   */
  long find(FlowKey flow, int hash, int tcpFlags);

  /**
   * Begins to bring memory near that {@link #findAll} will need; returns before it is there.
   *
   * @param hashes of flows, at most {@link BatchDecider#MAX_BATCH}
   */
  void approach(int[] hashes, int count);

  /**
   * Finds many at once: the same answers as {@link #find} gives, but the waits for memory overlap.
   *
   * @param flows at most {@link BatchDecider#MAX_BATCH}
   * @param hashes of the flows
   * @param founds overwritten at the indices below {@code flows.count}
   * @param backends overwritten with the numbers of those that are found
   */
  void findAll(FlowBurst flows, int[] hashes, long[] founds, long[] backends);

  /**
   * Finds a live flow that may be another worker's: for packets that may be brought to another
   * worker than their flow's, as fragments and ICMP errors are.
   *
   * @return the number given to {@link #add}, or {@link #UNKNOWN}
   */
  long findAnywhere(FlowKey flow, int hash);

  /**
   * The number that was given to {@link #add}, without {@link #COUNTED}; {@link #UNKNOWN} if the
   * flow was forgotten meanwhile.
   */
  long backend(long found);

  /**
   * Notes a packet of a found flow.
   *
   * @param backend its number by now: the same backend may have another one
   * @param tcpFlags as for {@link #find}
   */
  void touch(long found, long backend, int tcpFlags);

  /**
   * Notes a packet of each flow that {@link #findAll} found last.
   *
   * @param flows what it was asked for
   * @param founds what it returned, or {@link #UNKNOWN} for those that are to be left out
   * @param packets how many are not
   */
  void touchAll(FlowBurst flows, long[] founds, int packets);

  /** Gives a found flow another number: the same backend has it by now. */
  void renumber(long found, long backend);

  /**
   * Takes a flow that was not found, or whose backend is gone; unless too many are new.
   *
   * @param flow copied
   * @param backend any number but {@link #UNKNOWN}, with or without {@link #COUNTED}. Its upper
   *     half is the backend's identity: not 0, and the same in other numbers of the same backend
   */
  void add(FlowKey flow, int hash, int tcpFlags, long backend);

  /**
   * How many live flows of a backend the tables of all workers have together, of those that were
   * added with {@link #COUNTED}. One that closed is not counted; one that is idle for too long is,
   * until it was found to be.
   *
   * @param identity of the backend: the upper half of its number
   */
  int liveFlows(int identity);

  /** Notes packets of services that were decided without this table. */
  void bypass(int packets);

  /** Ends a batch. */
  void end();
}

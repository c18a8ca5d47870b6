package io.synlev.datapath;

import io.synlev.state.NextHop;

/**
 * What was decided about one packet. An object that is reused: the decider overwrites every field.
 *
 * <p>Belongs to one worker thread; not thread-safe.
 */
public final class Decision {

  /** What {@link #backend} says when there is none. */
  public static final int NO_BACKEND = -1;

  /** What {@link #backend} says of a live flow's backend: the mark names it, not the table. */
  public static final int KNOWN_BY_MARK = -2;

  /** What {@link #service} says when there is none. */
  public static final int NO_SERVICE = -1;

  /** What to do with the packet. */
  public Action action = Action.DROP;

  /** The mark that goes into the masked bits, already within the mask; 0 unless MARK. */
  public int mark;

  /** The backend's index in its pool, {@link #NO_BACKEND} or {@link #KNOWN_BY_MARK}. */
  public int backend = NO_BACKEND;

  /** Where the backend is; not known of a flow that others carry. */
  public final NextHop nextHop = new NextHop();

  /** Why. */
  public Reason reason = Reason.UNDECIDED;

  /** The generation of the table that was asked, or 0. */
  public long generation;

  /** The service's index in the configuration in force, or {@link #NO_SERVICE}. */
  public int service = NO_SERVICE;

  /** The hash of the flow, if a table or the flow was asked for; otherwise 0. */
  public int hash;

  /** The table's slot that the hash names, if a table was asked; otherwise 0. */
  public int slot;

  /**
   * Gives the packet to a backend. To store a reference costs more than to compare it, and packets
   * are mostly alike.
   */
  public void mark(int itsMark, int itsBackend, Reason why) {
    mark = itsMark;
    backend = itsBackend;
    if (action != Action.MARK) {
      action = Action.MARK;
    }
    if (reason != why) {
      reason = why;
    }
  }
}

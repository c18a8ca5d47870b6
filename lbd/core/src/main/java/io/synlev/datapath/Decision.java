package io.synlev.datapath;

/**
 * What was decided about one packet. An object that is reused: the decider overwrites every field.
 *
 * <p>Belongs to one worker thread; not thread-safe.
 */
public final class Decision {

  /** What to do with the packet. */
  public Action action = Action.DROP;

  /** The mark that goes into the masked bits, already within the mask; 0 unless MARK. */
  public int mark;

  /** The backend's index in its pool, or -1. */
  public int backend = -1;

  /** Why. */
  public Reason reason = Reason.UNDECIDED;

  /** The generation of the table that was asked, or 0. */
  public long generation;
}

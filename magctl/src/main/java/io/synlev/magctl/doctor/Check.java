package io.synlev.magctl.doctor;

/** One thing that the doctor looks at. It reads facts and changes nothing. */
public interface Check {
  /** Its name, a word or two joined by a dash, unique: {@code conntrack}. */
  String name();

  /** Where the documentation tells more about what it finds. */
  Page page();

  /**
   * Whether it is about something that is in use here; the others are only run when all are asked
   * for.
   */
  default boolean isOf(Facts facts) {
    return true;
  }

  /** Looks, and tells what it found: at least that all is well. */
  void look(Facts facts, Findings findings);
}

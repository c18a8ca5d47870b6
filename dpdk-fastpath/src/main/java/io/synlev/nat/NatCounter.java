package io.synlev.nat;

/** What a worker's table counts: label for metrics, and one sentence. */
public enum NatCounter {
  OPENED("nat-opened", "Sessions that began."),
  REOPENED(
      "nat-reopened",
      "Sessions that began anew: after their end by a SYN, or with another backend."),
  EXPIRED("nat-expired", "Sessions that were idle, or closed, for long enough."),
  EVICTED("nat-evicted", "Half-open and one-packet sessions that made room for new ones."),
  FORGOTTEN("nat-forgotten", "Sessions that ended because their backend was removed."),
  NO_PORT("nat-no-port", "Packets for which there was no free source port."),
  NO_ROOM("nat-no-room", "Packets for which there was no room in the table of sessions."),
  NO_SESSION("nat-no-session", "Packets of no session that begin none."),
  WRONG_SENDER("nat-wrong-sender", "Packets to a session's port that its backend has not sent."),
  BORROWED("nat-borrowed", "Packets that were translated by another worker's session."),
  FRAGMENT_EARLY("nat-fragment-early", "Later fragments whose first one was not known."),
  REFUSED(
      "nat-refused",
      "Packets that cannot be translated: their protocol, family, or headers forbid it.");

  private final String label;
  private final String sentence;

  NatCounter(String label, String sentence) {
    this.label = label;
    this.sentence = sentence;
  }

  /** What counts an outcome, or null if it is counted elsewhere. */
  static NatCounter of(NatOutcome outcome) {
    return switch (outcome) {
      case TRANSLATED, HELD -> null;
      case FRAGMENT_EARLY -> FRAGMENT_EARLY;
      case NO_PORT -> NO_PORT;
      case NO_ROOM -> NO_ROOM;
      case NO_SESSION -> NO_SESSION;
      case WRONG_SENDER -> WRONG_SENDER;
      case WRONG_FAMILY, NO_SOURCE, NOT_TRANSLATABLE, MALFORMED -> REFUSED;
    };
  }

  /** The name in metrics and output. */
  public String label() {
    return label;
  }

  /** What it counts, for people. */
  public String sentence() {
    return sentence;
  }
}

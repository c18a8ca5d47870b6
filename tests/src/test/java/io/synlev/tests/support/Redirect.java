package io.synlev.tests.support;

/** Which packets reach user space. */
public enum Redirect {
  /** All packets for the VIP. */
  ALL("all"),
  /** Those that conntrack does not know yet. */
  SYN_ONLY("syn");

  private final String word;

  Redirect(String word) {
    this.word = word;
  }

  /** The word that commands use. */
  public String word() {
    return word;
  }
}

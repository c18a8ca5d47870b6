package io.synlev.magctl.doctor;

import java.util.Locale;

/** How bad a finding is, the least first. */
public enum Severity {
  /** Looked at, and as it should be. */
  OK,
  /** Good to know; nothing is wrong. */
  NOTE,
  /** It works, but not well, or not for long. */
  WARNING,
  /** Packets are lost because of this, or will be. */
  FAILURE;

  /** The word for it. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}

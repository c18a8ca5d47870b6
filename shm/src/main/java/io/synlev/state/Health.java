package io.synlev.state;

/** What health checks found out about a backend. The constants' order is part of the layout. */
public enum Health {
  /** Answers, or is not checked. */
  UP,
  /** Does not answer: gets no flows although it may be active. */
  DOWN;

  /** The name in commands. */
  public String label() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}

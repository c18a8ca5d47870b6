package io.synlev.tests.support;

import java.util.Locale;

/** How answers reach the client. */
public enum ReturnMode {
  /** Servers answer the client themselves. */
  DIRECT,
  /** Back through the balancer, untranslated. */
  ROUTED,
  /** Back through the balancer, which translates them. */
  DNAT;

  /** The word that commands use. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}

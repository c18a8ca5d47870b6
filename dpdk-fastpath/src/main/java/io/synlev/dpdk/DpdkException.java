package io.synlev.dpdk;

import java.io.IOException;

/**
 * DPDK is missing, is another one than we know, or refused: what with which value, and the remedy.
 */
public final class DpdkException extends IOException {

  private static final long serialVersionUID = 1L;

  /** What it says is {@code what: remedy}. */
  public DpdkException(String what, String remedy) {
    super(what + ": " + remedy);
  }

  /** The same with what made it happen. */
  public DpdkException(String what, String remedy, Throwable cause) {
    super(what + ": " + remedy, cause);
  }
}

package io.synlev.health;

import io.synlev.ffi.Errno;
import java.util.Locale;

/** What came of a check. */
public enum Outcome {
  /** It is not over yet. */
  PENDING(Count.NOT, "is being asked"),
  /** No check was made yet. */
  NONE(Count.NOT, "was not asked yet"),
  OK(Count.GOOD, "answers"),
  TIMEOUT(Count.BAD, "did not answer in time"),
  REFUSED(Count.BAD, "refuses: nobody listens at the port"),
  RESET(Count.BAD, "ended the connection with a reset"),
  UNREACHABLE(Count.BAD, "cannot be reached"),
  CLOSED(Count.BAD, "ended the connection before its answer was whole"),
  WRONG_STATUS(Count.BAD, "answers with another status"),
  WRONG_ANSWER(Count.BAD, "answers without what must be in it"),
  TOO_LARGE(Count.BAD, "answers more than is looked at, without what must be in it"),
  MALFORMED(Count.BAD, "answers what is no HTTP"),
  TLS(Count.BAD, "makes no TLS connection, or has a certificate that is not trusted"),
  EXIT_CODE(Count.BAD, "the command failed"),
  NO_ROUTE(
      Count.BAD, "no route of its own leads to it by its mark: 'lbrules sync'; dnat: via: direct"),
  LOCAL_VIP(Count.BAD, "the VIP is an address of this host, so packets to it do not leave"),
  NO_VIP(Count.NOT, "no service has a VIP that could be asked, in a family that it has"),
  NO_ADDRESS(Count.NOT, "it has no address that could be asked"),
  COMMAND_REFUSED(Count.NOT, "the command is not run: its file or path is not safe"),
  COMMAND_FAILED(Count.NOT, "the command could not be run"),
  BUSY(Count.NOT, "too many commands run at once"),
  OWN_FAULT(Count.NOT, "this host could not ask");

  private enum Count {
    GOOD,
    BAD,
    NOT
  }

  private final Count count;
  private final String sentence;

  Outcome(Count count, String sentence) {
    this.count = count;
    this.sentence = sentence;
  }

  /** The name in reports. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** What it says of the backend. */
  public String sentence() {
    return sentence;
  }

  boolean isGood() {
    return count == Count.GOOD;
  }

  /** Whether it says anything about the backend; our own troubles do not. */
  boolean counts() {
    return count != Count.NOT;
  }

  /**
   * What a failed call says, connect(2) and the errors that ICMP brings.
   *
   * @param error a positive errno
   */
  static Outcome of(int error) {
    if (Errno.ECONNREFUSED.is(-error)) {
      return REFUSED;
    }
    if (Errno.ECONNRESET.is(-error) || Errno.EPIPE.is(-error) || Errno.ECONNABORTED.is(-error)) {
      return RESET;
    }
    if (Errno.ETIMEDOUT.is(-error)) {
      return TIMEOUT;
    }
    if (Errno.EHOSTUNREACH.is(-error)
        || Errno.ENETUNREACH.is(-error)
        || Errno.EHOSTDOWN.is(-error)
        || Errno.ENETDOWN.is(-error)) {
      return UNREACHABLE;
    }
    // What a blackhole or a prohibiting rule says to a local sender; fib_props in fib_semantics.c.
    return Errno.EINVAL.is(-error) || Errno.EACCES.is(-error) ? NO_ROUTE : OWN_FAULT;
  }
}

package io.synlev.ffi;

import java.io.IOException;

/** A native call failed: what was tried, the errno with its meaning, and the remedy. */
public final class NativeException extends IOException {

  private static final long serialVersionUID = 1L;

  private final int errno;

  /**
   * With the usual remedy of the errno.
   *
   * @param what what was tried, with its values, such as {@code setsockopt(SO_RCVBUF, 4096)}
   * @param errno the positive error number
   */
  public NativeException(String what, int errno) {
    this(what, errno, Errno.remedy(errno));
  }

  /**
   * With a remedy that the caller knows.
   *
   * @param what what was tried, with its values
   * @param errno the positive error number, or 0 when there is none
   * @param remedy what to do about it
   */
  public NativeException(String what, int errno, String remedy) {
    super(what + ": " + (errno == 0 ? "" : Errno.describe(errno) + ": ") + remedy);
    this.errno = errno;
  }

  /** The positive error number, or 0 when the failure had none. */
  public int errno() {
    return errno;
  }

  /**
   * Passes a result on when it is no error.
   *
   * @param result what a call of this package returned
   * @param what what was tried, with its values
   * @throws NativeException when the result is a negative errno
   */
  public static int check(int result, String what) throws NativeException {
    if (result < 0) {
      throw new NativeException(what, -result);
    }
    return result;
  }

  /** As {@link #check(int, String)}. */
  public static long check(long result, String what) throws NativeException {
    if (result < 0) {
      throw new NativeException(what, (int) -result);
    }
    return result;
  }
}

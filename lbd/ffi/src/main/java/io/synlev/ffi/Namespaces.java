package io.synlev.ffi;

import java.lang.foreign.Arena;
import java.nio.file.Path;

/**
 * Moves the calling thread between network namespaces: unshare(2) and setns(2), see namespaces(7).
 *
 * <p>Only the calling platform thread moves: sockets it opens later belong to the new namespace,
 * open ones stay where they were, other threads notice nothing. Needs CAP_SYS_ADMIN. Never call it
 * on a virtual thread or on a pool's thread that others use afterwards.
 */
public final class Namespaces {

  /** clone(2), include/uapi/linux/sched.h: a network namespace. */
  private static final int CLONE_NEWNET = 0x4000_0000;

  private static final int O_RDONLY_CLOEXEC = 0x80000;

  private static final NativeFunction UNSHARE = Native.libc("unshare");
  private static final NativeFunction SETNS = Native.libc("setns");
  private static final NativeFunction OPEN = Native.libc("open");
  private static final NativeFunction GETTID = Native.libc("gettid");

  private Namespaces() {}

  /**
   * Puts the calling thread into a new, empty network namespace, which lives as long as something
   * is in it.
   *
   * @throws NativeException EPERM without CAP_SYS_ADMIN
   */
  public static void enterNewNetwork() throws NativeException {
    int result = UNSHARE.call(CLONE_NEWNET, 0, 0, 0);
    check(result, "unshare(CLONE_NEWNET)");
  }

  /**
   * Puts the calling thread into an existing network namespace.
   *
   * @param file such as {@code /run/netns/NAME} or {@code /proc/PID/ns/net}
   * @throws NativeException ENOENT, EPERM without CAP_SYS_ADMIN, EINVAL when it is no network
   *     namespace
   */
  public static void enterNetwork(Path file) throws NativeException {
    int result;
    try (Arena arena = Arena.ofConfined()) {
      long name = arena.allocateFrom(file.toString()).address();
      int descriptor = OPEN.call(name, O_RDONLY_CLOEXEC, 0, 0);
      NativeException.check(descriptor, "open(" + file + ")");
      result = SETNS.call(descriptor, CLONE_NEWNET, 0, 0);
      Sockets.close(descriptor);
    }
    check(result, "setns(" + file + ", CLONE_NEWNET)");
  }

  private static void check(int result, String what) throws NativeException {
    if (Errno.EPERM.is(result)) {
      throw new NativeException(what, -result, "run as root, or with CAP_SYS_ADMIN");
    }
    NativeException.check(result, what);
  }

  /** The calling thread's number, as in {@code /proc/self/task/NUMBER}; see gettid(2). */
  public static int threadId() {
    return GETTID.plain(0, 0, 0, 0);
  }
}

package io.synlev.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
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

  private static final MethodHandle UNSHARE = Native.libc("unshare", "ii");
  private static final MethodHandle SETNS = Native.libc("setns", "iii");
  private static final MethodHandle OPEN = Native.libc("open", "ili");
  private static final MethodHandle GETTID = Native.libc("gettid", "i");

  private Namespaces() {}

  /**
   * Puts the calling thread into a new, empty network namespace, which lives as long as something
   * is in it.
   *
   * @throws NativeException EPERM without CAP_SYS_ADMIN
   */
  public static void enterNewNetwork() throws NativeException {
    MemorySegment state = Native.errnoState();
    int result;
    try {
      result = Native.result((int) UNSHARE.invokeExact(state, CLONE_NEWNET), state);
    } catch (Throwable t) {
      throw Native.unexpected(t);
    }
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
    MemorySegment state = Native.errnoState();
    int descriptor;
    int result;
    try (Arena arena = Arena.ofConfined()) {
      long name = arena.allocateFrom(file.toString()).address();
      descriptor = Native.result((int) OPEN.invokeExact(state, name, O_RDONLY_CLOEXEC), state);
      NativeException.check(descriptor, "open(" + file + ")");
      result = Native.result((int) SETNS.invokeExact(state, descriptor, CLONE_NEWNET), state);
      Sockets.close(descriptor);
    } catch (NativeException e) {
      throw e;
    } catch (Throwable t) {
      throw Native.unexpected(t);
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
    try {
      return (int) GETTID.invokeExact(Native.errnoState());
    } catch (Throwable t) {
      throw Native.unexpected(t);
    }
  }
}

package io.synlev.ffi;

/** Calls on processes. Any thread may call. */
public final class Processes {
  private static final NativeFunction KILL = Native.libc("kill");

  private Processes() {}

  /**
   * kill(2).
   *
   * @param process its number; negative for the process group of that number
   * @return 0, or a negative errno
   */
  public static int kill(int process, int signal) {
    return KILL.call(process, signal, 0, 0);
  }
}

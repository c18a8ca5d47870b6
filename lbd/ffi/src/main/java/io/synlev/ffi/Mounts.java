package io.synlev.ffi;

import java.lang.foreign.Arena;
import java.nio.file.Path;

/**
 * mount(2) and umount2(2), in the mount namespace of the process. Each returns 0 or a negative
 * errno; none throws. Needs CAP_SYS_ADMIN. Any thread may call.
 */
public final class Mounts {

  /** MS_NOSUID, MS_NODEV and MS_NOEXEC of include/uapi/linux/mount.h. */
  private static final int NOTHING_TO_RUN = 2 | 4 | 8;

  private static final NativeFunction MOUNT = Native.libc("mount");
  private static final NativeFunction UMOUNT2 = Native.libc("umount2");

  private Mounts() {}

  /**
   * Mounts a file system that lives in memory on an existing directory.
   *
   * @param type such as {@code bpf}
   * @param options such as {@code mode=0750}
   */
  public static int mount(String type, Path directory, String options) {
    try (Arena arena = Arena.ofConfined()) {
      long name = arena.allocateFrom(type).address();
      long target = arena.allocateFrom(directory.toString()).address();
      long data = arena.allocateFrom(options).address();
      return MOUNT.call(name, target, name, NOTHING_TO_RUN, data, 0);
    }
  }

  /** Takes off what was mounted last on the directory; EBUSY while a file of it is open. */
  public static int unmount(Path directory) {
    try (Arena arena = Arena.ofConfined()) {
      return UMOUNT2.call(arena.allocateFrom(directory.toString()).address(), 0, 0, 0);
    }
  }
}

package io.synlev.bpf;

import io.synlev.ffi.Errno;
import io.synlev.ffi.Mounts;
import io.synlev.ffi.NativeException;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;

/**
 * The instance's own directory {@code run/INSTANCE} with a bpffs in it: what is pinned there
 * survives the process, but not the machine.
 *
 * <pre>
 *   /run/synlev/INSTANCE/bpf/flows4_v1 …       maps, under names with the layout's version
 *   /run/synlev/INSTANCE/tc.eth0               the filter of eth0: clsact created or found
 * </pre>
 *
 * <p>Not thread-safe.
 */
final class PinDirectory {

  private final Path directory;
  private final Path pins;

  PinDirectory(Path directory) {
    this.directory = directory;
    pins = directory.resolve("bpf");
  }

  /** The instance's directory. */
  Path directory() {
    return directory;
  }

  /**
   * Makes the directories and mounts the bpffs where that was not done before.
   *
   * @throws IOException with the remedy, when the kernel has no bpffs or we may not mount
   */
  void prepare() throws IOException {
    Files.createDirectories(
        pins, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-x---")));
    if (isMounted()) {
      return;
    }
    int result = Mounts.mount("bpf", pins, "mode=0750");
    if (Errno.EPERM.is(result)) {
      throw new NativeException(
          "mount -t bpf on " + pins, -result, "run as root, or with CAP_SYS_ADMIN");
    }
    if (Errno.ENODEV.is(result)) {
      throw new NativeException(
          "mount -t bpf on " + pins, -result, "this kernel has no BPF: use another offload");
    }
    NativeException.check(result, "mount -t bpf on " + pins);
  }

  boolean isMounted() {
    try {
      return Files.isDirectory(pins) && Files.getFileStore(pins).type().equals("bpf");
    } catch (IOException e) {
      return false;
    }
  }

  /** Where a map of a name, with its version, is pinned. */
  Path pin(String name) {
    return pins.resolve(name);
  }

  /** The names of all maps that are pinned, of whatever version. */
  List<String> pinned() throws IOException {
    // The kernel may put files of its own beside them.
    return isMounted()
        ? names(pins).stream().filter(name -> name.matches("[a-z0-9]+_v[0-9]+")).toList()
        : List.of();
  }

  /** The names of the files beside the bpffs. */
  List<String> records() throws IOException {
    return Files.isDirectory(directory)
        ? names(directory).stream().filter(name -> !name.equals("bpf")).toList()
        : List.of();
  }

  private static List<String> names(Path of) throws IOException {
    try (Stream<Path> files = Files.list(of)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  /** Unpins everything, unmounts, and removes the directories; what is not ours stays. */
  void remove() throws IOException {
    for (String name : pinned()) {
      Files.deleteIfExists(pins.resolve(name));
    }
    if (isMounted()) {
      NativeException.check(Mounts.unmount(pins), "umount " + pins);
    }
    Files.deleteIfExists(pins);
    try {
      Files.deleteIfExists(directory);
      Files.deleteIfExists(directory.getParent());
    } catch (DirectoryNotEmptyException | NoSuchFileException e) {
      // Others keep something there.
    }
  }
}

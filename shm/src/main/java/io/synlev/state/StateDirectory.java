package io.synlev.state;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Where an instance lives: a directory of its own below the base, which is {@value #DEFAULT_BASE}
 * unless the user says otherwise.
 *
 * @param base the directory of all instances
 * @param instance name of the instance
 */
public record StateDirectory(Path base, String instance) {
  /** Shared memory: nothing here survives a reboot, as nothing here should. */
  public static final String DEFAULT_BASE = "/dev/shm/synlev";

  /** The instance when none is named. */
  public static final String DEFAULT_INSTANCE = "default";

  static final String POOL_PREFIX = "pool-";

  private static final Set<PosixFilePermission> DIRECTORY_MODE =
      PosixFilePermissions.fromString("rwxr-x---");
  private static final Set<PosixFilePermission> FILE_MODE =
      PosixFilePermissions.fromString("rw-------");

  public StateDirectory {
    Names.check("instance", instance);
    base = base.toAbsolutePath().normalize();
  }

  /** All instances below {@code base}, by name; none if there is no such directory. */
  public static List<StateDirectory> all(Path base) {
    try (Stream<Path> entries = Files.list(base)) {
      return entries
          .filter(
              entry -> Files.isRegularFile(entry.resolve("registry"), LinkOption.NOFOLLOW_LINKS))
          .map(entry -> new StateDirectory(base, entry.getFileName().toString()))
          .sorted(java.util.Comparator.comparing(StateDirectory::instance))
          .toList();
    } catch (NoSuchFileException none) {
      return List.of();
    } catch (IOException e) {
      throw new StateException("cannot list " + base + ": " + e.getMessage(), e);
    }
  }

  /** The instance's own directory. */
  public Path path() {
    return base.resolve(instance);
  }

  /** The daemon's control socket. */
  public Path controlSocket() {
    return path().resolve("control.sock");
  }

  Path registry() {
    return path().resolve("registry");
  }

  Path pool(String name) {
    return path().resolve(POOL_PREFIX + name);
  }

  Path lock() {
    return path().resolve("lock");
  }

  /** Whether somebody has created this instance. */
  public boolean exists() {
    return Files.exists(registry(), LinkOption.NOFOLLOW_LINKS);
  }

  /**
   * Makes the directories that are missing, 0750, and checks those that are there.
   *
   * @throws StateException if one is unsafe or cannot be made
   */
  void create() {
    for (Path directory : List.of(base, path())) {
      try {
        // The umask may take bits away at creation, so the mode is set again.
        Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(DIRECTORY_MODE));
        Files.setPosixFilePermissions(directory, DIRECTORY_MODE);
      } catch (FileAlreadyExistsException expected) {
        checkOwner(directory, true);
      } catch (IOException e) {
        throw new StateException(
            "cannot create "
                + directory
                + ": "
                + e
                + ". Run as root, or name a directory of yours with --state-dir.",
            e);
      }
    }
  }

  /**
   * Gives the directories to a group, whose members may then use the control socket.
   *
   * @throws StateException if there is no such group or we may not
   */
  public void setGroup(String name) {
    try {
      GroupPrincipal group =
          base.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByGroupName(name);
      for (Path directory : List.of(base, path())) {
        Files.getFileAttributeView(
                directory, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
            .setGroup(group);
      }
    } catch (IOException e) {
      throw new StateException("cannot give " + path() + " to group '" + name + "': " + e, e);
    }
  }

  /** Checks owner and mode of the directories of an instance that exists. */
  void check() {
    checkOwner(base, true);
    checkOwner(path(), true);
  }

  /** Creates an empty file of ours, 0600. */
  static void createFile(Path file) throws IOException {
    FileAttribute<?> mode = PosixFilePermissions.asFileAttribute(FILE_MODE);
    Files.createFile(file, mode);
  }

  /**
   * Refuses what somebody else could have put there: a symbolic link, another owner, a mode that
   * lets others write (or, for a file, read).
   */
  static void checkOwner(Path path, boolean isDirectory) {
    PosixFileAttributes attributes;
    Object owner;
    Object self;
    try {
      attributes = Files.readAttributes(path, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      owner = Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS);
      self = Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    } catch (IOException e) {
      throw new StateException("cannot look at " + path + ": " + e, e);
    }
    if (isDirectory ? !attributes.isDirectory() : !attributes.isRegularFile()) {
      throw new StateException(
          path
              + " is "
              + (attributes.isSymbolicLink() ? "a symbolic link" : "something else")
              + ", not a "
              + (isDirectory ? "directory" : "file")
              + " of ours: remove it");
    }
    if (!owner.equals(self)) {
      throw new StateException(
          path + " belongs to uid " + owner + ", and we are uid " + self + ": run as its owner");
    }
    Set<PosixFilePermission> allowed = isDirectory ? DIRECTORY_MODE : FILE_MODE;
    if (!allowed.containsAll(attributes.permissions())) {
      throw new StateException(
          path
              + " has mode "
              + PosixFilePermissions.toString(attributes.permissions())
              + ", which others can use: chmod "
              + (isDirectory ? "0750 " : "0600 ")
              + path);
    }
  }
}

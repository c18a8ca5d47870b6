package io.synlev.state;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
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
  private static final String UNFINISHED_PREFIX = ".";
  private static final String UNFINISHED_SUFFIX = ".new";

  /**
   * How often the base is made again, each time because somebody deleted the last instance in it
   * meanwhile; without this bound a base whose parent is missing would be tried for ever.
   */
  private static final int CREATE_TRIES = 1000;

  /** Besides the pools. */
  private static final Set<String> FILES = Set.of("registry", "lock");

  /** The daemon may bind its socket under a longer name first. */
  private static final String SOCKET_PREFIX = "control.sock";

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
              entry ->
                  Names.isValid(entry.getFileName().toString())
                      && Files.isRegularFile(entry.resolve("registry"), LinkOption.NOFOLLOW_LINKS))
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
    return path().resolve(SOCKET_PREFIX);
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

  /** The name of a file of ours while it is being made. */
  static Path unfinished(Path file) {
    return file.resolveSibling(UNFINISHED_PREFIX + file.getFileName() + UNFINISHED_SUFFIX);
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
    for (int tries = 1; ; tries++) {
      try {
        make(base);
        make(path());
        return;
      } catch (NoSuchFileException e) {
        // Whoever deleted the last instance took the base away under us.
        if (tries == CREATE_TRIES) {
          throw cannotCreate(path(), e);
        }
      }
    }
  }

  private static void make(Path directory) throws NoSuchFileException {
    try {
      // The umask may take bits away at creation, so the mode is set again.
      Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(DIRECTORY_MODE));
      Files.setPosixFilePermissions(directory, DIRECTORY_MODE);
    } catch (FileAlreadyExistsException expected) {
      checkOurs(directory);
    } catch (AccessDeniedException e) {
      throw new StateException(
          "no permission to create "
              + directory
              + ": run as root, or name a directory of yours with --state-dir",
          e);
    } catch (NoSuchFileException e) {
      throw e;
    } catch (IOException e) {
      throw cannotCreate(directory, e);
    }
  }

  private static StateException cannotCreate(Path directory, IOException reason) {
    return new StateException(
        "cannot create "
            + directory
            + ": "
            + reason
            + ". Run as root, or name a directory of yours with --state-dir.",
        reason);
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

  /**
   * Checks owner and mode of the directories of an instance.
   *
   * @throws StateException if one is missing or unsafe
   */
  void check() {
    checkDirectory(base);
    checkDirectory(path());
  }

  private void checkDirectory(Path directory) {
    try {
      checkOurs(directory);
    } catch (NoSuchFileException none) {
      throw noInstance();
    }
  }

  private static void checkOurs(Path directory) throws NoSuchFileException {
    try {
      FileFacts.of(directory).checkOurs(true);
    } catch (NoSuchFileException e) {
      throw e;
    } catch (AccessDeniedException e) {
      throw noPermission(directory, e);
    } catch (IOException e) {
      throw new StateException("cannot look at " + directory + ": " + e, e);
    }
  }

  /** What to say when the kernel does not let us. */
  static StateException noPermission(Path path, AccessDeniedException reason) {
    return new StateException(
        "no permission for "
            + path
            + ": run as root, which the state belongs to, or ask the daemon through its control"
            + " socket",
        reason);
  }

  /** What to say when the instance does not exist. */
  StateException noInstance() {
    return new StateException(
        "there is no instance '" + instance + "' in " + base + ": 'magctl create' makes one");
  }

  /** Creates an empty file of ours, 0600. */
  static void createFile(Path file) throws IOException {
    Files.createFile(file, PosixFilePermissions.asFileAttribute(FILE_MODE));
  }

  static boolean isUnfinished(String name) {
    return name.startsWith(UNFINISHED_PREFIX) && name.endsWith(UNFINISHED_SUFFIX);
  }

  /**
   * Deletes the directory with everything of ours, and the base if no other instance is in it. The
   * writer's lock is held.
   *
   * @throws StateException if there is anything else in it; then nothing is deleted
   */
  void delete() {
    List<Path> ours = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(path())) {
      for (Path file : files) {
        String name = file.getFileName().toString();
        if (name.startsWith(POOL_PREFIX) || name.startsWith(SOCKET_PREFIX) || isUnfinished(name)) {
          ours.add(file);
        } else if (!FILES.contains(name)) {
          throw new StateException(
              file + " is none of our files, so " + path() + " is not deleted: move it away first");
        }
      }
      // Without the registry the instance is gone: a deleter that is killed further on leaves what
      // the next creator sweeps away. Until the lock file goes, a second deleter waits for us.
      Files.deleteIfExists(registry());
      for (Path file : ours) {
        Files.deleteIfExists(file);
      }
      Files.deleteIfExists(lock());
      Files.deleteIfExists(path());
    } catch (IOException | DirectoryIteratorException e) {
      throw new StateException("cannot delete " + path() + ": " + e, e);
    }
    try {
      Files.deleteIfExists(base); // rmdir(2): fails if anything is in it
    } catch (IOException inUse) {
      // Then it stays: another instance's, a mount point, or in a directory of somebody else.
    }
  }
}

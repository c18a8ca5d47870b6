package io.synlev.control;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * The file that a listening socket leaves in a directory: who may connect is its mode and group,
 * and it stays when its server was killed.
 */
final class SocketFile {
  private static final Logger LOG = System.getLogger(SocketFile.class.getName());

  /** sockaddr_un(7): sun_path has 108 bytes, and the last one is a NUL. */
  private static final int LONGEST_PATH = 107;

  private Path path;
  private Object key;

  private SocketFile(Path path) {
    this.path = path;
  }

  /**
   * The path as an address.
   *
   * @throws ControlException if it is too long for one
   */
  static Path checkLength(Path path) {
    int length = path.toString().getBytes(StandardCharsets.UTF_8).length;
    if (length > LONGEST_PATH) {
      throw new ControlException(
          "the path of the control socket has "
              + length
              + " bytes and a socket's may have "
              + LONGEST_PATH
              + ": "
              + path
              + ": choose a shorter --state-dir or instance name");
    }
    return path;
  }

  /**
   * Makes room for a socket: what a killed server left is removed.
   *
   * @throws ControlException if a server listens there, or something is there that is no socket
   */
  static SocketFile prepare(Path path) {
    checkLength(path);
    LeftSockets.remove(path);
    try {
      BasicFileAttributes there =
          Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      if (!there.isOther()) {
        throw new ControlException(path + " is there and is not a socket: remove it");
      }
      if (isLive(path)) {
        throw new ControlException(
            "a server listens on " + path + " already: stop that one, or name another instance");
      }
      LOG.log(Level.INFO, "removing " + path + ", which a server that was killed has left");
      Files.deleteIfExists(path);
    } catch (NoSuchFileException nothing) {
      // The usual case.
    } catch (IOException e) {
      throw new ControlException("cannot look at " + path + ": " + e, e);
    }
    return new SocketFile(path);
  }

  /**
   * Makes room for a socket under a longer name beside the one that clients look for, which {@link
   * #takePlace} gives it later.
   */
  static SocketFile beside(Path path) {
    Path longer =
        checkLength(path.resolveSibling(path.getFileName() + "." + ProcessHandle.current().pid()));
    LeftSockets.remove(path);
    return new SocketFile(longer);
  }

  /** Where it is. */
  Path path() {
    return path;
  }

  /** Takes the place of another server's socket, at once: clients find the one or the other. */
  void takePlace(Path of) throws IOException {
    Files.move(path, of, StandardCopyOption.ATOMIC_MOVE);
    path = of;
  }

  /** Whether somebody listens there, or may. */
  static boolean isLive(Path path) throws IOException {
    try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      // A server that is stuck with a full backlog would block us; it is alive all the same.
      probe.configureBlocking(false);
      probe.connect(UnixDomainSocketAddress.of(path));
      return true;
    } catch (ConnectException refused) {
      return false;
    } catch (SocketException fullOrForbidden) {
      return true;
    }
  }

  /** Lets the directory's group in, once the socket is bound (which made it 0755). */
  void open() throws IOException {
    key = key();
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-rw----"));
    Object group = Files.getAttribute(path.getParent(), "unix:gid");
    if (!group.equals(Files.getAttribute(path, "unix:gid"))) {
      try {
        Files.setAttribute(path, "unix:gid", group);
      } catch (IOException e) {
        LOG.log(
            Level.WARNING,
            "only our own group may use "
                + path
                + ": giving it to group "
                + group
                + " of its directory takes that group among ours, or CAP_CHOWN");
      }
    }
  }

  /** Removes the file, unless another server has put its own in place. */
  void remove() {
    try {
      if (key != null && key.equals(key())) {
        Files.deleteIfExists(path);
      }
    } catch (NoSuchFileException gone) {
      // Somebody deleted the instance.
    } catch (IOException e) {
      LOG.log(Level.WARNING, "cannot remove " + path + ": " + e);
    }
  }

  private Object key() throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
        .fileKey();
  }
}

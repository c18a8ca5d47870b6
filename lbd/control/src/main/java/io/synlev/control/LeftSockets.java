package io.synlev.control;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Sockets of processes that were killed while they wanted to take a server's place. They lie beside
 * its own, under its name and their numbers: {@code control.sock.PID}, {@code
 * control.sock.takeover.PID}.
 */
final class LeftSockets {
  private static final Logger LOG = System.getLogger(LeftSockets.class.getName());
  private static final String ENDING = "\\.(?:[a-z]+\\.)?([1-9][0-9]{0,9})";

  private LeftSockets() {}

  /**
   * Removes those that nobody listens on, of processes that are gone or had our number. Failures
   * are logged.
   *
   * @param beside the server's own socket
   */
  static void remove(Path beside) {
    Pattern names = Pattern.compile(Pattern.quote(beside.getFileName().toString()) + ENDING);
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(beside.toAbsolutePath().getParent())) {
      for (Path file : files) {
        Matcher name = names.matcher(file.getFileName().toString());
        if (name.matches() && isLeft(file, Long.parseLong(name.group(1)))) {
          LOG.log(Level.INFO, "removing " + file + ", which a process that was killed has left");
          Files.deleteIfExists(file);
        }
      }
    } catch (NoSuchFileException e) {
      // The server's own socket cannot be made either, and then that is said.
    } catch (IOException e) {
      LOG.log(Level.WARNING, "sockets beside " + beside + " are not looked at: " + e);
    }
  }

  /** A socket that is not listened on yet looks as if it were left; then its process is there. */
  private static boolean isLeft(Path file, long pid) throws IOException {
    boolean isGone =
        pid == ProcessHandle.current().pid()
            || ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isEmpty();
    return isGone
        && Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
            .isOther()
        && !SocketFile.isLive(file);
  }
}

package io.synlev.lbd;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * Notices that the instance's directory was deleted, or replaced by a new one, under a daemon. What
 * it has mapped lives on, so the last generation stays in force; but nobody can change it or find
 * the control socket any more.
 */
final class DirectoryWatch {
  /** What became of the directory. */
  enum State {
    /** It is the one that was there at the start. */
    PRESENT,
    /** There is none. */
    DELETED,
    /** There is another one. */
    REPLACED
  }

  private static final Logger LOG = System.getLogger(DirectoryWatch.class.getName());

  private final Path path;
  private final Object key;
  private State state = State.PRESENT;

  DirectoryWatch(Path path) {
    this.path = path;
    this.key = key();
  }

  /** Looks, and logs what has changed. Any thread. */
  synchronized State look() {
    Object now = key();
    State next = now == null ? State.DELETED : now.equals(key) ? State.PRESENT : State.REPLACED;
    if (next != state) {
      state = next;
      if (next != State.PRESENT) {
        LOG.log(
            Level.WARNING,
            path
                + (next == State.DELETED ? " was deleted" : " was replaced by another directory")
                + ": serving its last configuration and tables; stop this daemon (SIGTERM) and"
                + " start it again for a new instance");
      }
    }
    return next;
  }

  private Object key() {
    try {
      return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
          .fileKey();
    } catch (IOException gone) {
      return null;
    }
  }
}

package io.synlev.state;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The lock of an instance: whoever holds it is its only writer, among threads and processes.
 *
 * <p>It is a record lock of fcntl(2), which the kernel releases when its holder dies. Such locks
 * vanish as soon as the process closes <em>any</em> descriptor of the file, therefore a process
 * opens each lock file once and never closes it; and they do not exclude threads of one process,
 * therefore a mutex goes with it. Reentrant.
 */
final class WriterLock {
  /** Property: how long to wait for another writer, in milliseconds. */
  static final String PATIENCE_PROPERTY = "synlev.lock.patience.millis";

  /** Default of {@link #PATIENCE_PROPERTY}. A change takes milliseconds. */
  private static final long PATIENCE_MILLIS = 10_000;

  private static final long FIRST_PAUSE_NANOS = 100_000;
  private static final long LONGEST_PAUSE_NANOS = 5_000_000;

  private static final Map<Object, WriterLock> LOCKS = new ConcurrentHashMap<>();

  private final Path file;
  private final Object identity;
  private final FileChannel channel;
  private final ReentrantLock mutex = new ReentrantLock();
  private FileLock lock;

  private WriterLock(Path file, Object identity) {
    this.file = file;
    this.identity = identity;
    try {
      this.channel =
          FileChannel.open(
              file, StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
    } catch (IOException e) {
      throw new StateException("cannot open " + file + ": " + e, e);
    }
  }

  /** The lock of an instance whose directory exists; creates the lock file if it is missing. */
  static WriterLock of(StateDirectory directory) {
    Path file = directory.lock();
    try {
      if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
        createUnlessThere(file);
      }
      FileFacts.of(file).checkOurs(false);
    } catch (NoSuchFileException e) {
      throw directory.noInstance();
    } catch (AccessDeniedException e) {
      throw StateDirectory.noPermission(file, e);
    } catch (IOException e) {
      throw new StateException("cannot create " + file + ": " + e, e);
    }
    // By inode, so that an instance that was deleted and made again gets a lock of its own. The
    // channel that stays open keeps the inode's number from being given out again.
    return LOCKS.computeIfAbsent(identity(file), identity -> new WriterLock(file, identity));
  }

  private static void createUnlessThere(Path file) throws IOException {
    try {
      StateDirectory.createFile(file);
    } catch (FileAlreadyExistsException anotherWasFirst) {
      // Then the other's file serves both.
    }
  }

  private static Object identity(Path file) {
    try {
      return Files.readAttributes(file, "unix:dev,ino", LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException deleted) {
      return "none";
    } catch (IOException e) {
      throw new StateException("cannot look at " + file + ": " + e, e);
    }
  }

  /**
   * Waits for the lock.
   *
   * @throws StateException if another writer holds it for more than 10 s ({@link
   *     #PATIENCE_PROPERTY}), or the lock file was deleted meanwhile
   */
  Held acquire() {
    mutex.lock();
    try {
      if (mutex.getHoldCount() == 1) {
        lock = waitForLock();
        if (!identity.equals(identity(file))) {
          lock.release();
          throw new StateException(
              file.getParent()
                  + " was deleted or made again since we attached, nothing is changed: try again,"
                  + " and restart a daemon that runs there");
        }
      }
    } catch (IOException e) {
      mutex.unlock();
      throw new StateException("cannot lock " + file + ": " + e, e);
    } catch (RuntimeException e) {
      mutex.unlock();
      throw e;
    }
    return new Held();
  }

  private FileLock waitForLock() throws IOException {
    long patience = Long.getLong(PATIENCE_PROPERTY, PATIENCE_MILLIS);
    long start = System.nanoTime();
    long pause = FIRST_PAUSE_NANOS;
    while (true) {
      FileLock got = channel.tryLock();
      if (got != null) {
        return got;
      }
      if (System.nanoTime() - start > TimeUnit.MILLISECONDS.toNanos(patience)) {
        throw new StateException(
            "nothing is changed: "
                + file
                + " has been locked for more than "
                + patience
                + " ms by "
                + LockHolder.describe(FileFacts.of(file).inode()));
      }
      LockSupport.parkNanos(pause);
      pause = Math.min(2 * pause, LONGEST_PAUSE_NANOS);
    }
  }

  /** The lock while it is held; closing it gives it back. */
  final class Held implements AutoCloseable {
    private Held() {}

    @Override
    public void close() {
      try {
        if (mutex.getHoldCount() == 1) {
          lock.release();
        }
      } catch (IOException e) {
        throw new StateException("cannot unlock " + file + ": " + e, e);
      } finally {
        mutex.unlock();
      }
    }
  }
}

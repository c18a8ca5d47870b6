package io.synlev.state;

import io.synlev.state.Configuration.PoolFile;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * The files of an instance's pools. A pool has one of two names, {@code pool-NAME} and {@code
 * pool-NAME~}, so that a pool can be made anew beside the one in force; which of them is in force,
 * the configuration says by its inode. No pool's name ends with a tilde.
 *
 * @param directory where they are
 */
record PoolFiles(StateDirectory directory) {
  private static final char BESIDE = '~';

  static PoolFiles of(StateDirectory directory) {
    return new PoolFiles(directory);
  }

  /** The file that a configuration means; if there is none, the name that it would have first. */
  Path inForce(PoolFile pool) {
    Path beside = second(pool.name());
    return has(beside, pool.inode()) ? beside : directory.pool(pool.name());
  }

  /** The name that the file in force does not have. */
  Path beside(PoolFile inForce) {
    Path second = second(inForce.name());
    return has(second, inForce.inode()) ? directory.pool(inForce.name()) : second;
  }

  private Path second(String pool) {
    Path first = directory.pool(pool);
    return first.resolveSibling(first.getFileName().toString() + BESIDE);
  }

  private static boolean has(Path file, long inode) {
    try {
      return FileFacts.of(file).inode() == inode;
    } catch (NoSuchFileException none) {
      return false;
    } catch (IOException e) {
      throw new StateException("cannot look at " + file + ": " + e, e);
    }
  }

  /**
   * Deletes the files of pools that are not in force and files that were never finished: what a
   * change leaves, and a writer that is killed between two steps. The writer's lock is held.
   */
  void sweep(Configuration configuration) {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory.path())) {
      for (Path file : files) {
        String name = file.getFileName().toString();
        if (isOrphan(file, name, configuration) || StateDirectory.isUnfinished(name)) {
          Files.deleteIfExists(file);
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      throw new StateException("cannot clear " + directory.path() + ": " + e, e);
    }
  }

  private boolean isOrphan(Path file, String name, Configuration configuration) {
    if (!name.startsWith(StateDirectory.POOL_PREFIX)) {
      return false;
    }
    int end = name.length() - (name.charAt(name.length() - 1) == BESIDE ? 1 : 0);
    String pool = name.substring(StateDirectory.POOL_PREFIX.length(), end);
    return configuration.pool(pool).filter(known -> file.equals(inForce(known))).isEmpty();
  }
}

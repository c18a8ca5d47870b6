package io.synlev.state;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;

/**
 * What the file system says of a file or directory, symbolic links not followed.
 *
 * @param path where
 * @param uid its owner
 * @param mode type and permissions as in stat(2)
 * @param inode its number
 * @param bytes its length
 */
record FileFacts(Path path, int uid, int mode, long inode, long bytes) {
  // inode(7): the type bits and their values.
  private static final int TYPE_MASK = 0170000;
  private static final int DIRECTORY = 0040000;
  private static final int REGULAR = 0100000;
  private static final int SYMBOLIC_LINK = 0120000;

  private static final int PERMISSIONS = 0777;
  private static final int DIRECTORY_PERMISSIONS = 0750;
  private static final int FILE_PERMISSIONS = 0600;

  /**
   * Looks at a path.
   *
   * @throws IOException if there is nothing, or it may not be looked at
   */
  static FileFacts of(Path path) throws IOException {
    Map<String, Object> facts =
        Files.readAttributes(path, "unix:uid,mode,ino,size", LinkOption.NOFOLLOW_LINKS);
    return new FileFacts(
        path,
        (int) facts.get("uid"),
        (int) facts.get("mode"),
        (long) facts.get("ino"),
        (long) facts.get("size"));
  }

  /**
   * Refuses what somebody else could have put there: a symbolic link, another owner, a mode that
   * lets others write (or, for a file, read).
   */
  void checkOurs(boolean asDirectory) throws IOException {
    if ((mode & TYPE_MASK) != (asDirectory ? DIRECTORY : REGULAR)) {
      throw new StateException(
          path
              + " is "
              + ((mode & TYPE_MASK) == SYMBOLIC_LINK ? "a symbolic link" : "something else")
              + ", not a "
              + (asDirectory ? "directory" : "file")
              + " of ours: remove it");
    }
    int self = effectiveUid();
    if (uid != self) {
      throw new StateException(
          path
              + " belongs to uid "
              + Integer.toUnsignedString(uid)
              + ", and we are uid "
              + Integer.toUnsignedString(self)
              + ": run as its owner");
    }
    int allowed = asDirectory ? DIRECTORY_PERMISSIONS : FILE_PERMISSIONS;
    if ((mode & PERMISSIONS & ~allowed) != 0) {
      String usual = asDirectory ? "0750" : "0600";
      throw new StateException(
          path
              + " has mode 0"
              + Integer.toOctalString(mode & PERMISSIONS)
              + ", which others can use: chmod "
              + usual
              + " "
              + path
              + ", if nobody else has written there");
    }
  }

  /**
   * Field 2 of the line "Uid:" in /proc/self/status (proc(5)). The owner of /proc/self would be
   * root for a process that gained capabilities.
   */
  private static int effectiveUid() throws IOException {
    String status = Files.readString(Path.of("/proc/self/status"));
    int line = status.indexOf("\nUid:\t") + 6;
    int from = status.indexOf('\t', line) + 1;
    return Integer.parseUnsignedInt(status, from, status.indexOf('\t', from), 10);
  }
}

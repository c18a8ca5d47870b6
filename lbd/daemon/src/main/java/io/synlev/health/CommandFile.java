package io.synlev.health;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;

/**
 * Whether nobody but root can change what a command's path names: the file and every directory
 * above it are root's and nobody else can write them, and none is a symbolic link. inode(7).
 */
final class CommandFile {
  private static final int ROOT = 0;
  private static final int OTHERS_WRITE = 0022;
  private static final int EXECUTE = 0001;

  private CommandFile() {}

  /**
   * Looks at a path.
   *
   * @param path absolute and without {@code ..}
   * @return why it must not be run, or null
   */
  static String refusal(Path path) {
    String refusal = null;
    for (Path part = path; part != null && refusal == null; part = part.getParent()) {
      refusal = refusal(part, part.equals(path));
    }
    return refusal;
  }

  private static String refusal(Path part, boolean isCommand) {
    Map<String, Object> facts;
    try {
      facts =
          Files.readAttributes(
              part,
              "unix:uid,mode,isSymbolicLink,isRegularFile,isDirectory",
              LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException e) {
      return part + " does not exist";
    } catch (IOException e) {
      return "cannot look at " + part + ": " + e;
    }
    int mode = (int) facts.get("mode");
    if ((boolean) facts.get("isSymbolicLink")) {
      return part + " is a symbolic link: name what it leads to";
    }
    if ((int) facts.get("uid") != ROOT) {
      return part + " belongs to uid " + facts.get("uid") + " and not to root";
    }
    if ((mode & OTHERS_WRITE) != 0) {
      return part + " can be written by others than root: 'chmod go-w " + part + "'";
    }
    if (isCommand && !(boolean) facts.get("isRegularFile")) {
      return part + " is no file";
    }
    // It is run as somebody who owns nothing.
    if ((mode & EXECUTE) == 0) {
      return part
          + (isCommand
              ? " cannot be run by others: 'chmod o+rx "
              : " is closed to others: 'chmod o+x ")
          + part
          + "'";
    }
    return null;
  }
}

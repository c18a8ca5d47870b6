package io.synlev.magctl.doctor;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Files of this host, mostly of proc(5) and sysfs(5): the one place that reads them. What is
 * missing or may not be read is empty and no error, since kernels and rights differ. Any thread.
 */
public final class Host {
  private static final int PIECE_BYTES = 8192;

  private final Path root;

  /**
   * What the file system says of a path, symbolic links not followed.
   *
   * @param uid its owner
   * @param mode type and permissions as in inode(7)
   * @param modifiedSeconds when it was changed last, in seconds since 1970
   */
  public record FileState(int uid, int mode, long modifiedSeconds) {
    private static final int TYPE_MASK = 0170000;
    private static final int SYMBOLIC_LINK = 0120000;

    public boolean isSymbolicLink() {
      return (mode & TYPE_MASK) == SYMBOLIC_LINK;
    }

    /** The twelve bits that chmod(1) changes. */
    public int permissions() {
      return mode & 07777;
    }
  }

  private Host(Path root) {
    this.root = root;
  }

  /** This host. */
  public static Host here() {
    return new Host(Path.of("/"));
  }

  /** Files of another host that were kept below a directory. */
  public static Host keptAt(Path root) {
    return new Host(root);
  }

  private Path at(String path) {
    return root.resolve(path.substring(1));
  }

  /** A file's text without blanks around it, if it can be read; the path is absolute. */
  public Optional<String> text(String path) {
    // In pieces that hold a whole setting: below /proc/sys a second read starts from nothing.
    try (InputStream in = Files.newInputStream(at(path))) {
      ByteArrayOutputStream text = new ByteArrayOutputStream();
      byte[] piece = new byte[PIECE_BYTES];
      for (int n = in.read(piece); n > 0; n = in.read(piece)) {
        text.write(piece, 0, n);
      }
      return Optional.of(text.toString(StandardCharsets.UTF_8).strip());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** A file's lines; none if it cannot be read. */
  public List<String> lines(String path) {
    return text(path)
        .filter(text -> !text.isEmpty())
        .map(t -> List.of(t.split("\n")))
        .orElse(List.of());
  }

  /** The decimal number that a file begins with, if it does. */
  public OptionalLong number(String path) {
    Optional<String> text = text(path);
    if (text.isEmpty()) {
      return OptionalLong.empty();
    }
    try {
      return OptionalLong.of(Long.parseLong(text.get().split("\\s", 2)[0]));
    } catch (NumberFormatException e) {
      return OptionalLong.empty();
    }
  }

  /** A setting of sysctl(8) by its path below /proc/sys, 0 if there is none. */
  public long sysctl(String path) {
    return number("/proc/sys/" + path).orElse(0);
  }

  /** Whether there is something. */
  public boolean has(String path) {
    return Files.exists(at(path), LinkOption.NOFOLLOW_LINKS);
  }

  /** Names in a directory, in order; none if it cannot be read. */
  public List<String> names(String directory) {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(at(directory))) {
      entries.forEach(entry -> names.add(entry.getFileName().toString()));
    } catch (IOException | DirectoryIteratorException e) {
      return List.of();
    }
    Collections.sort(names);
    return names;
  }

  /** Where a symbolic link leads, if it is one. */
  public Optional<String> link(String path) {
    try {
      return Optional.of(Files.readSymbolicLink(at(path)).toString());
    } catch (IOException | UnsupportedOperationException e) {
      return Optional.empty();
    }
  }

  /** Owner, type and permissions, if there is something. */
  public Optional<FileState> state(String path) {
    try {
      Map<String, Object> facts =
          Files.readAttributes(
              at(path), "unix:uid,mode,lastModifiedTime", LinkOption.NOFOLLOW_LINKS);
      java.nio.file.attribute.FileTime changed =
          (java.nio.file.attribute.FileTime) facts.get("lastModifiedTime");
      return Optional.of(
          new FileState(
              (int) facts.get("uid"), (int) facts.get("mode"), changed.toMillis() / 1000));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Free bytes of the file system that holds a path. */
  public OptionalLong freeBytes(String path) {
    try {
      return OptionalLong.of(Files.getFileStore(at(path)).getUsableSpace());
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }

  /** The type of that file system, such as tmpfs. */
  public Optional<String> fileSystem(String path) {
    try {
      return Optional.of(Files.getFileStore(at(path)).type());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** The value behind a name and a colon in a file such as /proc/PID/status. */
  public Optional<String> field(String path, String name) {
    for (String line : lines(path)) {
      if (line.startsWith(name + ":")) {
        return Optional.of(line.substring(name.length() + 1).strip());
      }
    }
    return Optional.empty();
  }
}

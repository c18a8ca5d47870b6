package io.synlev.state;

import static io.synlev.state.StateFixture.assertDbIsWhole;
import static io.synlev.state.StateFixture.assertRefused;
import static io.synlev.state.StateFixture.backends;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Other people's files, other people, and a full file system. */
class PrivilegedStateTest {
  private static final int NOBODY = 65534;

  @TempDir Path temporary;

  @BeforeEach
  void requireRoot() {
    Privileges.requireRoot();
  }

  @Test
  void shouldRefuseWhatBelongsToSomebodyElse() throws IOException {
    StateDirectory directory = StateFixture.create(temporary.resolve("state"));
    for (Path path :
        new Path[] {
          directory.base(),
          directory.path(),
          directory.lock(),
          directory.registry(),
          directory.pool("web")
        }) {
      Files.setAttribute(path, "unix:uid", NOBODY);
      assertRefused(
          () -> {
            try (Instance instance = Instance.open(directory)) {
              instance.snapshot("web");
            }
          },
          path + " belongs to uid 65534, and we are uid 0",
          "run as its owner");
      Files.setAttribute(path, "unix:uid", 0);
    }
    assertDbIsWhole(directory);
  }

  @Test
  void shouldTellAnotherUserWhoMay() throws IOException {
    StateDirectory directory = StateFixture.create(temporary.resolve("state"));
    String answer = asNobody("open", directory);
    assertTrue(answer.contains("belongs to uid 0, and we are uid 65534: run as"), answer);
    answer = asNobody("create", new StateDirectory(temporary.resolve("other"), "test"));
    assertTrue(answer.contains("no permission to create " + temporary), answer);
    assertTrue(answer.contains("run as root, or name a directory of yours"), answer);

    Path closed = Files.createDirectory(temporary.resolve("closed"));
    Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwx------"));
    StateDirectory hidden = StateFixture.create(closed.resolve("state"));
    answer = asNobody("open", hidden);
    assertTrue(answer.contains("no permission for " + hidden.base()), answer);
    assertTrue(answer.contains("run as root") && answer.contains("control socket"), answer);
    assertDbIsWhole(directory);
    assertDbIsWhole(hidden);
  }

  /** Runs {@link #main} as a user who owns nothing. */
  private String asNobody(String what, StateDirectory directory) throws IOException {
    Path classes = temporary.resolve("classes");
    if (Files.notExists(classes)) {
      // The build's directory may lie where that user cannot look.
      Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwxr-xr-x"));
      copy(ChildJvm.place(Instance.class), classes);
      copy(ChildJvm.place(PrivilegedStateTest.class), classes);
    }
    List<String> setpriv = List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups");
    try (ChildJvm child =
        ChildJvm.start(
            setpriv,
            List.of(),
            classes.toString(),
            Nobody.class,
            what,
            directory.base(),
            directory.instance())) {
      return child.finish();
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.walkFileTree(
        from,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path each, BasicFileAttributes attributes)
              throws IOException {
            Files.createDirectories(to.resolve(from.relativize(each)));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path each, BasicFileAttributes attributes)
              throws IOException {
            Files.copy(each, to.resolve(from.relativize(each)));
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /** The other user's program. */
  static final class Nobody {
    private Nobody() {}

    /** Arguments: open or create, base directory, instance. */
    public static void main(String[] args) {
      StateDirectory directory = new StateDirectory(Path.of(args[1]), args[2]);
      try {
        if (args[0].equals("open")) {
          Instance.open(directory).close();
        } else {
          directory.create();
        }
        System.out.println("done");
      } catch (StateException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  @Test
  void shouldSayWhenTheFileSystemIsFull() throws IOException {
    Path mount = Files.createDirectory(temporary.resolve("small"));
    Privileges.require(
        Privileges.run("mount", "-t", "tmpfs", "-o", "size=6m", "shmtest", mount.toString()),
        "cannot mount a tmpfs");
    try {
      StateDirectory directory = StateFixture.create(mount.resolve("state"));
      PoolSettings large = new PoolSettings("large", 655_373, 1000, Policy.MAGLEV, HashOn.TUPLE, 0);
      try (Instance instance = Instance.open(directory)) {
        assertRefused(
            () -> instance.createPool(large, List.of()),
            directory.path(),
            "KiB free and",
            "KiB are needed",
            "remount,size",
            "fewer slots");
        assertEquals(2, instance.configuration().pools().size());
        assertEquals(2, poolFiles(directory));
        instance.updatePool("web", all -> backends(1, 2));
      }
      assertDbIsWhole(directory);
      StateDirectory second = new StateDirectory(directory.base(), "second");
      assertRefused(() -> Instance.create(second, StateFixture.SETTINGS), "KiB are needed");
      assertFalse(Files.exists(second.path()));
    } finally {
      // Lazily: a lock file stays open for the life of this process.
      assertTrue(Privileges.run("umount", "--lazy", mount.toString()));
    }
  }

  private static long poolFiles(StateDirectory directory) throws IOException {
    try (var files = Files.list(directory.path())) {
      return files.filter(file -> file.getFileName().toString().contains("pool-")).count();
    }
  }

  /** Room that another process takes between our look and our write: an error, no signal. */
  @Test
  void shouldFailTheWriteWhenTheRoomGoesMeanwhile() throws IOException {
    Path mount = Files.createDirectory(temporary.resolve("small"));
    Privileges.require(
        Privileges.run("mount", "-t", "tmpfs", "-o", "size=6m", "shmtest", mount.toString()),
        "cannot mount a tmpfs");
    try {
      Path sparse = Files.createFile(mount.resolve("sparse"));
      RegionBytes.setLength(sparse, 4 << 20);
      Files.write(mount.resolve("other"), new byte[3 << 20]);
      assertRefused(() -> RegionFile.allocate(sparse), mount, "KiB free and 4,096 KiB are needed");
    } finally {
      // Lazily: a lock file stays open for the life of this process.
      assertTrue(Privileges.run("umount", "--lazy", mount.toString()));
    }
  }
}

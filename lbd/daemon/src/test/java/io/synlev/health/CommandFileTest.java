package io.synlev.health;

import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Root's, since only root can make what is accepted. */
class CommandFileTest {
  private Path directory;
  private Path file;

  @BeforeEach
  void create() throws IOException {
    Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "needs root");
    directory = RootFiles.directory();
    file = RootFiles.script(directory.resolve("check"), "exit 0");
  }

  @AfterEach
  void clean() throws IOException {
    if (directory != null) {
      RootFiles.delete(directory);
    }
  }

  private void assertRefused(String part) {
    String refusal = CommandFile.refusal(file);
    assertTrue(refusal != null && refusal.contains(part), refusal);
  }

  @Test
  void shouldAcceptWhatOnlyRootCanChange() {
    assertNull(CommandFile.refusal(file));
  }

  @Test
  void shouldRefuseAFileThatOthersCanWrite() throws IOException {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxrwxr-x"));
    assertRefused("can be written by others");
  }

  @Test
  void shouldRefuseADirectoryThatOthersCanWrite() throws IOException {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xrwx"));
    assertRefused(directory + " can be written by others");
  }

  @Test
  void shouldRefuseAFileOfSomebodyElse() throws IOException {
    Files.setAttribute(file, "unix:uid", 65534);
    assertRefused("belongs to uid 65534");
  }

  @Test
  void shouldRefuseADirectoryOfSomebodyElse() throws IOException {
    Files.setAttribute(directory, "unix:uid", 65534);
    assertRefused(directory + " belongs to uid 65534");
  }

  @Test
  void shouldRefuseASymbolicLinkAnywhere() throws IOException {
    Path real = file;
    file = Files.createSymbolicLink(directory.resolve("link"), real);
    assertRefused("is a symbolic link");
    Path inner = Files.createDirectory(directory.resolve("inner"));
    RootFiles.script(inner.resolve("check"), "exit 0");
    Files.createSymbolicLink(directory.resolve("way"), inner);
    file = directory.resolve("way/check");
    assertRefused(directory.resolve("way") + " is a symbolic link");
  }

  @Test
  void shouldRefuseWhatIsNoFileOrCannotBeRun() throws IOException {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-x---"));
    assertRefused("cannot be run by others");
    file = directory;
    assertRefused("is no file");
    file = directory.resolve("missing");
    assertRefused("does not exist");
  }

  /** The sticky bit lets others make files in there all the same. */
  @Test
  void shouldRefuseTheTemporaryDirectory() throws IOException {
    file = RootFiles.script(Files.createTempFile(Path.of("/tmp"), "synlev-", ".sh"), "exit 0");
    try {
      assertRefused("/tmp can be written by others");
    } finally {
      Files.delete(file);
    }
  }
}

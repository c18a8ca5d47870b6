package io.synlev.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.state.StateDirectory;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who may ask is decided by the directory's mode and group, so other users have to try. */
@Timeout(60)
class PermissionTest {
  private static final int GROUP = 54_321;
  private static final int NOBODY = 65_534;

  @TempDir Path temporary;
  private StateDirectory directory;
  private Path classes;
  private ControlServer server;

  /** The client, as a program that another user can run. */
  static final class Ask {
    private Ask() {}

    public static void main(String[] args) {
      try {
        StateDirectory directory = new StateDirectory(Path.of(args[0]), args[1]);
        System.out.print(ControlClient.ask(directory, "who", Map.of()));
      } catch (ControlException e) {
        System.out.print(e.getMessage());
      }
    }
  }

  @BeforeEach
  void start() throws IOException {
    Root.require();
    Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwxr-xr-x"));
    directory = new StateDirectory(temporary.resolve("base"), "tested");
    Files.createDirectories(directory.path());
    for (Path each : List.of(directory.base(), directory.path())) {
      Files.setPosixFilePermissions(each, PosixFilePermissions.fromString("rwxr-x---"));
      Files.setAttribute(each, "unix:gid", GROUP);
    }
    classes = copyOfTheClassPath();
    Dispatcher methods =
        new Dispatcher().query("who", (caller, params) -> caller.uid() + ":" + caller.gid());
    server = ControlServer.start(directory.controlSocket(), methods);
  }

  @AfterEach
  void stop() {
    if (server != null) {
      server.close();
    }
  }

  @Test
  void shouldServeAMemberOfTheDirectorysGroup() throws Exception {
    assertEquals(GROUP, Files.getAttribute(directory.controlSocket(), "unix:gid"));
    assertEquals("65534:" + GROUP, askAs(GROUP));
  }

  @Test
  void shouldTellEverybodyElseWhichGroupMay() throws Exception {
    String answer = askAs(NOBODY);
    assertTrue(answer.startsWith("permission denied: " + directory.base()), answer);
    assertTrue(answer.contains("group " + GROUP), answer);
  }

  @Test
  void shouldRefuseOthersAtTheSocketWhenTheDirectoriesAreOpen() throws Exception {
    for (Path each : List.of(directory.base(), directory.path())) {
      Files.setPosixFilePermissions(each, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    String answer = askAs(NOBODY);
    assertTrue(answer.startsWith("permission denied: " + directory.controlSocket()), answer);
  }

  private String askAs(int group) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.addAll(List.of("setpriv", "--reuid=" + NOBODY, "--regid=" + group, "--clear-groups"));
    command.addAll(
        List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx32m"));
    command.addAll(List.of("-XX:+UseSerialGC", "-cp", classes + "/*:" + classes));
    command.addAll(List.of(Ask.class.getName(), directory.base().toString(), "tested"));
    Process process =
        new ProcessBuilder(command).directory(new File("/")).redirectErrorStream(true).start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).trim();
    assertEquals(0, process.waitFor(), out);
    return out;
  }

  /** The build's directories may be root's alone. */
  private Path copyOfTheClassPath() throws IOException {
    Path copy = Files.createDirectory(temporary.resolve("classes"));
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      Path path = Path.of(entry);
      if (Files.isDirectory(path)) {
        try (Stream<Path> files = Files.walk(path)) {
          for (Path file : files.filter(each -> each.toString().contains("io/synlev")).toList()) {
            Path target = copy.resolve(path.relativize(file).toString());
            Files.createDirectories(target.getParent());
            if (Files.isRegularFile(file)) {
              Files.copy(file, target);
            }
          }
        }
      } else if (path.getFileName().toString().matches("(jackson|synlev).*\\.jar")) {
        Files.copy(path, copy.resolve(path.getFileName()));
      }
    }
    return copy;
  }
}

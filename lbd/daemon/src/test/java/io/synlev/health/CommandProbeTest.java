package io.synlev.health;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.state.Health;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real programs, run as a daemon of root's would run them. */
@Timeout(60)
class CommandProbeTest {
  @TempDir Path temporary;
  private Path directory;
  private Path out;
  private Bed bed;

  @BeforeEach
  void create() throws IOException {
    Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "needs root");
    directory = RootFiles.directory();
    out = Files.createDirectory(directory.resolve("out"));
    Files.setPosixFilePermissions(out, PosixFilePermissions.fromString("rwxrwxrwx"));
    bed = Bed.of(temporary, 1);
  }

  @AfterEach
  void clean() throws IOException {
    if (bed != null) {
      bed.close();
      RootFiles.delete(directory);
    }
  }

  private Path run(String text, String... more) throws IOException {
    Path script = RootFiles.script(directory.resolve("check"), text);
    String[] all =
        Arrays.copyOf(
            new String[] {"kind", "command", "command", script.toString()}, 4 + more.length);
    System.arraycopy(more, 0, all, 4, more.length);
    bed.check(all);
    return script;
  }

  @Test
  void shouldTakeTheExitCode() throws IOException {
    run("exit 0");
    bed.awaitOutcome(Outcome.OK);
    run("exit 3");
    bed.awaitOutcome(Outcome.EXIT_CODE);
    assertEquals(3, bed.report("b1").get("detail"));
  }

  @Test
  void shouldGiveItNeitherRightsNorOurEnvironment() throws IOException {
    run(
        "env >%1$s/env; cat /proc/$$/status >%1$s/status; pwd >%1$s/pwd; ls -l /proc/$$/fd >%1$s/fds"
            .formatted(out));
    bed.awaitOutcome(Outcome.OK);
    List<String> status = Files.readAllLines(out.resolve("status"));
    for (String line :
        List.of(
            "CapInh:\t0000000000000000",
            "CapPrm:\t0000000000000000",
            "CapEff:\t0000000000000000",
            "CapBnd:\t0000000000000000",
            "CapAmb:\t0000000000000000",
            "NoNewPrivs:\t1",
            "Uid:\t65534\t65534\t65534\t65534",
            "Gid:\t65534\t65534\t65534\t65534",
            "Groups:\t ")) {
      assertTrue(status.contains(line), () -> line + " is missing in " + status);
    }
    // The shell of the script adds what it has always.
    TreeSet<String> environment = new TreeSet<>(Files.readAllLines(out.resolve("env")));
    environment.removeIf(each -> each.matches("(PWD|OLDPWD|SHLVL|_)=.*"));
    assertEquals(
        List.of(
            "LC_ALL=C",
            "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
            "SYNLEV_BACKEND=b1",
            "SYNLEV_IPV4=127.0.0.1",
            "SYNLEV_IPV6=",
            "SYNLEV_POOL=web"),
        List.copyOf(environment));
    assertEquals("/", Files.readString(out.resolve("pwd")).strip());
    String open = Files.readString(out.resolve("fds"));
    assertTrue(open.contains("/dev/null"), open);
    assertTrue(!open.matches("(?s).*(socket:|anon_inode:|pipe:|/shm/).*"), open);
  }

  @Test
  void shouldKillAllOfItWhenItTakesTooLong() throws IOException {
    run(
        "sleep 1000 & echo $! >%1$s/new; mv %1$s/new %1$s/pid; wait".formatted(out),
        "timeout",
        "2s");
    bed.awaitOutcome(Outcome.TIMEOUT);
    long child = Long.parseLong(Files.readString(out.resolve("pid")).strip());
    Bed.await(() -> !isAlive(child), () -> "the child of a check is alive");
  }

  private static boolean isAlive(long pid) {
    try {
      return !Files.readString(Path.of("/proc/" + pid + "/stat")).contains(") Z ");
    } catch (IOException gone) {
      return false;
    }
  }

  @Test
  void shouldNotRunWhatOthersCanWriteAndDrawNoConclusion() throws IOException {
    Path script = run("touch " + out.resolve("ran"), "interval", "1h");
    Files.deleteIfExists(out.resolve("ran"));
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxrwxrwx"));
    bed.check("kind", "command", "command", script.toString());
    bed.awaitOutcome(Outcome.COMMAND_REFUSED);
    Files.deleteIfExists(out.resolve("ran"));
    bed.awaitChecks(10);
    assertTrue(Files.notExists(out.resolve("ran")));
    assertEquals(Health.UP, bed.health("b1"));
    assertEquals("up", bed.report("b1").get("health"));
    assertEquals(0, bed.count(Counter.BAD));
  }

  @Test
  void shouldDrawNoConclusionFromWhatCannotBeRun() throws IOException {
    Path script = run("exit 0");
    Files.writeString(script, "#!/nowhere/at/all\n");
    bed.awaitOutcome(Outcome.COMMAND_FAILED);
    assertEquals(0, bed.count(Counter.BAD));
  }
}

package io.synlev.magctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class UsageTest extends Sandbox {
  static Stream<String> commands() {
    return Stream.of(Commands.ALL).map(command -> command[0]);
  }

  @ParameterizedTest
  @MethodSource("commands")
  void shouldExplainEveryCommand(String command) {
    String help = done(command + " --help");
    assertTrue(help.startsWith("Usage: magctl " + command), help);
    assertEquals(help, done("help " + command));
    assertTrue(done("--help").contains(" " + command + " "));
    // One that is longer than 80 characters is broken, and cannot be copied; what is broken off is
    // not indented.
    assertTrue(
        help.lines()
            .dropWhile(line -> !line.equals("Examples:"))
            .skip(1)
            .takeWhile(line -> !line.isEmpty())
            .allMatch(line -> line.startsWith("  ")),
        help);
  }

  @Test
  void shouldListTheCommandsOfAGroup() {
    assertTrue(done("backend --help").contains("backend remove"));
    assertFalse(done("backend --help").contains("service"));
    Run run = run("service");
    assertEquals(2, run.code());
    assertTrue(run.out().contains("service add"), run.out());
  }

  @Test
  void shouldListAllCommandsWhenNoneIsNamed() {
    Run run = run("");
    assertEquals(2, run.code());
    assertEquals(done("--help"), run.out());
  }

  @Test
  void shouldSayWhichCommandIsMeant() {
    isMisused("shwo", "no command 'shwo'", "did you mean 'show'?");
    isMisused("backend ad", "did you mean 'backend add'?");
    isMisused("frobnicate", "no command 'frobnicate'", "'magctl --help' lists them");
    isMisused("--verbose", "'--verbose' without a command");
  }

  @Test
  void shouldSayWhichOptionIsMeant() {
    isMisused("show --jsno", "'--jsno'", "Did you mean --json?", "'magctl show --help'");
    isMisused("show --instance", "--instance", "'magctl show --help'");
    isMisused("activate --pool a --pool b x", "--pool", "specified only once");
  }

  @Test
  void shouldSayItsVersion() {
    String version = (String) run("version --json").json().get("version");
    assertTrue(version.matches("[0-9]+\\.[0-9]+\\.[0-9]+.*"), version);
    assertTrue(done("--version").startsWith("magctl " + version + " (Java "));
  }

  @Test
  void shouldRefuseWhatIsNoPath() {
    Run run = Run.in(Map.of("SYNLEV_STATE_DIR", "\0"), "show");
    assertEquals(2, run.code());
    assertTrue(run.err().contains("is no path"), run.err());
  }
}

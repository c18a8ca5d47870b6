package io.synlev.magctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.state.Instance;
import io.synlev.state.StateDirectory;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** A state directory of its own, and the questions that all command tests ask. */
abstract class Sandbox {
  @TempDir Path temp;

  final Path base() {
    return temp.resolve("state");
  }

  final StateDirectory directory() {
    return new StateDirectory(base(), "default");
  }

  final Run run(String commandLine) {
    return Run.in(base(), commandLine);
  }

  /** Runs what has to work, and returns its output. */
  final String done(String commandLine) {
    Run run = run(commandLine);
    assertEquals("", run.err(), commandLine);
    assertEquals(0, run.code(), commandLine);
    return run.out();
  }

  /** Runs what cannot be done: exit code 1, these words on stderr, and nothing is changed. */
  final void fails(String commandLine, String... words) {
    refuses(1, commandLine, words);
  }

  /** Runs wrong usage: exit code 2, these words on stderr, and nothing is changed. */
  final void isMisused(String commandLine, String... words) {
    refuses(2, commandLine, words);
  }

  private void refuses(int code, String commandLine, String... words) {
    String before = everything();
    Run run = run(commandLine);
    assertEquals(code, run.code(), commandLine + ": " + run);
    assertEquals("", run.out(), commandLine);
    for (String word : words) {
      assertTrue(run.err().contains(word), run.err() + " lacks " + word);
    }
    assertTrue(run.err().startsWith("magctl: "), run.err());
    assertEquals(before, everything(), commandLine + " changed something");
  }

  /** All that can be seen of the instance, generations included. */
  final String everything() {
    return directory().exists() ? run("show --json --first 1000000").out() : "no instance";
  }

  final Instance open() {
    return Instance.open(directory());
  }
}

package io.synlev.magctl;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * What one run of magctl did.
 *
 * @param code its exit code
 * @param out all of stdout
 * @param err all of stderr
 */
record Run(int code, String out, String err) {
  /** The seed of tests: outputs depend on it. */
  static final String SEED = "000102030405060708090a0b0c0d0e0f";

  /** Runs it in this process, with a state directory and nothing else in its environment. */
  static Run in(Path stateDir, String commandLine) {
    return in(Map.of("SYNLEV_STATE_DIR", stateDir.toString()), commandLine);
  }

  /** Runs it in this process; words are separated by single spaces. */
  static Run in(Map<String, String> environment, String commandLine) {
    return in(environment, commandLine.isEmpty() ? new String[0] : commandLine.split(" "));
  }

  /** Runs it in this process; words may hold anything. */
  static Run in(Map<String, String> environment, String[] args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Console console = new Console(out, err, false, true, false);
    int code = Magctl.run(args, console, new HashMap<>(environment));
    return new Run(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  /** Its stdout, read as a JSON object. */
  Map<String, Object> json() {
    try {
      return JSON.std.mapFrom(out);
    } catch (IOException e) {
      throw new UncheckedIOException(out, e);
    }
  }
}

package io.synlev.magctl;

import io.synlev.hash.Seed;
import io.synlev.state.StateException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where the secret seed comes from: an option, a file or the environment. Messages say where, and
 * never what: a rejected seed may be most of a real one.
 */
final class SeedSource {
  static final String VARIABLE = "SYNLEV_SEED";

  private SeedSource() {}

  /**
   * The seed that was given, or null.
   *
   * @throws UsageException if it is malformed, or given twice
   * @throws StateException if the file cannot be read
   */
  static Seed find(String option, Path file, Context context) {
    if (option != null && file != null) {
      throw new UsageException("--seed and --seed-file exclude each other: choose one");
    }
    if (option != null) {
      return parse(option, "--seed");
    }
    if (file != null) {
      return parse(read(file), "--seed-file " + file);
    }
    String variable = context.choose(null, VARIABLE, null);
    return variable == null ? null : parse(variable, VARIABLE);
  }

  private static Seed parse(String hex, String where) {
    try {
      return Seed.parse(hex);
    } catch (IllegalArgumentException e) {
      throw new UsageException(where + ": " + e.getMessage());
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file).strip();
    } catch (IOException e) {
      throw new StateException("cannot read the seed file " + file + ": " + e, e);
    }
  }
}

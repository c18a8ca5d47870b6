package io.synlev.magctl;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Says which version this is. */
@Command(name = "version", description = "Show the version.")
final class VersionCommand extends BaseCommand {
  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  VersionCommand(Context context) {
    super(context);
  }

  @Override
  boolean setFlag(String option) {
    if (option.equals("--json") && !json) {
      json = true;
      return true;
    }
    return false;
  }

  @Override
  boolean setWords(List<String> words) {
    return words.isEmpty();
  }

  @Override
  int call() {
    String java = System.getProperty("java.version");
    if (json) {
      println(Json.write(Json.object("version", version(), "java", java)));
    } else {
      println("magctl " + version() + " (Java " + java + ")");
    }
    return Magctl.DONE;
  }

  private static String version() {
    try (InputStream in = VersionCommand.class.getResourceAsStream("version.txt")) {
      return new String(in.readAllBytes(), StandardCharsets.US_ASCII).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

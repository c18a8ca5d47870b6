package io.synlev.magctl;

import io.synlev.config.ConfigException;
import io.synlev.config.ConfigFile;
import io.synlev.config.Problem;
import io.synlev.state.StateException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/** A command about a configuration file. */
abstract class FileCommand extends InstanceCommand {
  private static final String STDIN = "-";

  @Option(
      names = {"-f", "--file"},
      required = true,
      paramLabel = "FILE",
      description = "The configuration file; - for standard input.")
  private String file;

  FileCommand(Context context) {
    super(context);
  }

  @Override
  boolean setValue(String option, String value) {
    if ((option.equals("-f") || option.equals("--file")) && file == null) {
      file = value;
      return true;
    }
    return super.setValue(option, value);
  }

  @Override
  boolean setWords(List<String> words) {
    return words.isEmpty() && file != null;
  }

  /** What messages call the file. */
  final String fileName() {
    return file.equals(STDIN) ? "(stdin)" : file;
  }

  final ConfigFile read() {
    if (!file.equals(STDIN)) {
      return ConfigFile.read(Path.of(file));
    }
    try {
      String text = new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
      return ConfigFile.parse(fileName(), Path.of("").toAbsolutePath(), text);
    } catch (IOException e) {
      throw new StateException("cannot read standard input: " + e, e);
    }
  }

  /** Says on stderr all that is wrong with the file. */
  final void refuse(ConfigException e) {
    int errors = e.problems().size();
    console()
        .error((errors == 1 ? "" : errors + " errors in " + fileName() + ":\n") + e.getMessage());
  }

  /** Says on stderr what may not be meant. */
  final void warn(List<Problem> warnings) {
    int most = 20;
    for (Problem warning : warnings.subList(0, Math.min(most, warnings.size()))) {
      console().writeError("warning: " + warning.in(fileName()) + "\n");
    }
    if (warnings.size() > most) {
      console().writeError("and " + Text.plural(warnings.size() - most, "more warning") + "\n");
    }
  }
}

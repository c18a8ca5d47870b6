package io.synlev.magctl;

import io.synlev.config.ConfigWriter;
import io.synlev.state.Instance;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Prints the instance as a file that apply reads. */
@Command(
    name = "export",
    description = {
      "Print the instance as a configuration file, which 'magctl apply -f FILE' reads.",
      "The seed in it is secret: keep the file as you keep keys (umask 077)."
    })
final class ExportCommand extends InstanceCommand {
  @Option(names = "--no-seed", description = "Leave the secret seed out.")
  private boolean noSeed;

  ExportCommand(Context context) {
    super(context);
  }

  @Override
  boolean setFlag(String option) {
    if (option.equals("--no-seed") && !noSeed) {
      noSeed = true;
      return true;
    }
    return super.setFlag(option);
  }

  @Override
  boolean setWords(List<String> words) {
    return words.isEmpty();
  }

  @Override
  int call() {
    if (json) {
      throw new UsageException(
          "export writes YAML: 'magctl show --json' says the same and more in JSON");
    }
    try (Instance instance = open()) {
      console()
          .print(
              ConfigWriter.write(
                  instance.directory().instance(),
                  instance.settings(),
                  instance.contents(),
                  !noSeed));
    }
    return Magctl.DONE;
  }
}

package io.synlev.magctl;

import io.synlev.config.Application;
import io.synlev.config.ConfigException;
import io.synlev.config.ConfigFile;
import io.synlev.state.StateException;
import picocli.CommandLine.Command;

/** Shows what a file would change, with the exit codes of diff(1). */
@Command(
    name = "diff",
    description = {
      "Show what a configuration file would change; change nothing.",
      "The exit code is as that of diff: 0 nothing, 1 something, 2 it could not be found out."
    })
final class DiffCommand extends FileCommand {
  private static final int DIFFERENT = 1;
  private static final int TROUBLE = 2;

  DiffCommand(Context context) {
    super(context);
  }

  @Override
  int call() {
    Application application;
    try {
      ConfigFile file = read();
      application = new Application(file, directory(file.instance()));
      application.compute();
    } catch (ConfigException e) {
      refuse(e);
      return TROUBLE;
    } catch (StateException e) {
      console().error(e.getMessage());
      return TROUBLE;
    }
    if (json) {
      printJson(DifferenceReport.json(application, false, null));
    } else {
      console()
          .print(DifferenceReport.text(application.difference(), Integer.MAX_VALUE, console()));
    }
    return application.difference().isEmpty() ? Magctl.DONE : DIFFERENT;
  }
}

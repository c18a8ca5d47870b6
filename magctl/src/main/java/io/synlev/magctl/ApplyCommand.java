package io.synlev.magctl;

import io.synlev.config.Application;
import io.synlev.config.ConfigException;
import io.synlev.config.ConfigFile;
import io.synlev.config.Difference;
import io.synlev.config.Problem;
import io.synlev.state.Contents;
import io.synlev.state.Instance;
import io.synlev.state.StateDirectory;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Makes the instance what a file says. What is done is in {@link io.synlev.config.Application}. */
@Command(
    name = "apply",
    description = {
      "Make the instance what a configuration file says: pools, backends and services, all or"
          + " nothing. What the file does not name is deleted.",
      "docs/configuration.md explains the file. The exit code is 0 if it is done, 1 if not."
    })
final class ApplyCommand extends FileCommand {
  @Option(names = "--dry-run", description = "Check the file and show the changes; make none.")
  private boolean dryRun;

  @Option(
      names = "--table-offset",
      paramLabel = "N",
      description = "As lbrules has it (10000), to look for routing tables that others use.")
  private int tableOffset = HostChecks.TABLE_OFFSET;

  ApplyCommand(Context context) {
    super(context);
  }

  @Override
  boolean setFlag(String option) {
    if (option.equals("--dry-run") && !dryRun) {
      dryRun = true;
      return true;
    }
    return super.setFlag(option);
  }

  @Override
  int call() {
    ConfigFile file = read();
    StateDirectory directory = directory(file.instance());
    Application application = new Application(file, directory);
    try {
      if (dryRun) {
        application.compute();
      } else {
        try (Progress progress = Progress.on(console(), "reading")) {
          application.run(
              (made, all) -> progress.say("made " + made + " of " + Text.plural(all, "pool")));
        }
      }
    } catch (ConfigException e) {
      refuse(e);
      return Magctl.FAILED;
    }
    warn(warnings(file, application));
    Confirmation confirmation = dryRun || !application.changed() ? null : confirm(directory);
    report(application, confirmation);
    return confirmation == null ? Magctl.DONE : confirmation.exitCode(console());
  }

  private static Confirmation confirm(StateDirectory directory) {
    try (Instance instance = Instance.open(directory)) {
      return Confirmation.ask(instance);
    }
  }

  private List<Problem> warnings(ConfigFile file, Application application) {
    Contents wanted = application.wanted();
    List<Problem> all = new ArrayList<>(file.warnings(application.before(), wanted));
    all.addAll(HostChecks.find(file, wanted, tableOffset, context.choose(null, "PATH", "")));
    all.addAll(HiddenServices.find(file, wanted.services()));
    return all;
  }

  private void report(Application application, Confirmation confirmation) {
    Difference difference = application.difference();
    if (json) {
      printJson(DifferenceReport.json(application, !dryRun && application.changed(), confirmation));
      return;
    }
    console().print(DifferenceReport.text(difference, dryRun ? Integer.MAX_VALUE : 40, console()));
    String instance = "instance " + application.directory().instance();
    if (difference.isEmpty()) {
      println(instance + " is as the file says");
    } else {
      println(
          (dryRun ? "would change " : application.created() ? "created " : "changed ")
              + instance
              + ": "
              + DifferenceReport.summary(difference));
    }
    if (confirmation != null) {
      console().print(confirmation.text());
    }
  }
}

package io.synlev.magctl;

import io.synlev.state.Instance;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows an instance. */
@Command(
    name = "show",
    description = "Show pools with their backends and shares of slots, and services.")
final class ShowCommand extends InstanceCommand {
  @Parameters(arity = "0..*", paramLabel = "POOL", description = "Only these pools.")
  private List<String> pools = List.of();

  @Option(names = "--plain", description = "Print tab-separated records for scripts.")
  private boolean plain;

  @Option(
      names = "--seed",
      description = "Print the seed and nothing else. It is a secret: keep it so.")
  private boolean seed;

  @Option(
      names = "--first",
      paramLabel = "COUNT",
      description = "How many slots to show of each table (20).")
  private int first = 20;

  ShowCommand(Context context) {
    super(context);
  }

  @Override
  boolean setFlag(String option) {
    if (option.equals("--plain") && !plain) {
      plain = true;
      return true;
    }
    return super.setFlag(option);
  }

  @Override
  boolean setWords(List<String> words) {
    pools = words;
    return true;
  }

  @Override
  int call() {
    if (plain && json) {
      throw new UsageException("--plain and --json exclude each other: choose one");
    }
    try (Instance instance = open()) {
      if (seed) {
        showSeed(instance.settings().seed().toHex());
        return Magctl.DONE;
      }
      InstanceView view = InstanceView.of(instance, pools);
      if (json) {
        printJson(ShowJson.of(view, Math.max(first, 0)));
      } else {
        console().print(plain ? ShowPlain.of(view) : ShowText.of(view, first, console()));
      }
    }
    return Magctl.DONE;
  }

  private void showSeed(String hex) {
    if (json) {
      printJson(Json.object("seed", hex));
    } else {
      println(hex);
    }
  }
}

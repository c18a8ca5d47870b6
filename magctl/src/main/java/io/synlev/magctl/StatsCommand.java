package io.synlev.magctl;

import io.synlev.state.Instance;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Shows counters. */
@Command(
    name = "stats",
    description = {
      "Show what was decided about packets, by reason, backend and worker.",
      "Reads shared memory and works without lbd."
    })
final class StatsCommand extends InstanceCommand {
  private static final long SECOND_MILLIS = 1_000;

  @Option(
      names = {"-w", "--watch"},
      description = "Print rates once a second until Ctrl-C.")
  private boolean watch;

  @Option(names = "--count", paramLabel = "N", description = "With --watch: end after N times.")
  private long count = Long.MAX_VALUE;

  StatsCommand(Context context) {
    super(context);
  }

  @Override
  boolean setWords(List<String> words) {
    return words.isEmpty();
  }

  @Override
  int call() {
    try (Instance instance = open()) {
      Stats now = Stats.read(instance, System.nanoTime());
      if (watch) {
        watch(instance, now);
      } else if (json) {
        printJson(StatsJson.of(now));
      } else {
        console().print(StatsText.of(now, console().unicode()));
      }
    }
    return Magctl.DONE;
  }

  private void watch(Instance instance, Stats first) {
    Stats before = first;
    for (long i = 0; i < count; i++) {
      try {
        Thread.sleep(SECOND_MILLIS);
        Stats now = Stats.read(instance, System.nanoTime());
        if (json) {
          println(Json.line(StatsJson.rates(before, now)));
        } else {
          console().print(StatsText.rates(before, now, i % StatsText.LINES_PER_HEAD == 0));
        }
        if (!console().isFlushed()) {
          return;
        }
        before = now;
      } catch (InterruptedException e) {
        return;
      }
    }
  }
}
